/** Returns a construct's path within its stack, as in the app's code, or `otherwise` if it is not known. */
export function constructName(path: string | undefined, otherwise: string): string {
  const name = path?.split('/').slice(1).join('/') || otherwise;
  return name.replace(/(\/(Resource|Default))+$/, '');
}
