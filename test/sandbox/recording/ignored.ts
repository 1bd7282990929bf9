import { METHOD_NAMES } from '../telegram/method-names.ts';

/**
 * What a comparison leaves out: calls of a method, or one of its parameters. getMe is always left out, because it depends
 * on how many processes a bot happens to have: each one asks once.
 */
export class Ignored {
  private readonly names: ReadonlySet<string>;

  /**
   * @param args each `METHOD`, `METHOD.PARAMETER`, or `METHOD.PARAMETER.FIELD` for a part of a JSON parameter
   * @throws Error for anything else
   */
  constructor(args: readonly string[] = []) {
    this.names = new Set(['getMe', ...args.map(normalize)]);
  }

  hasMethod(method: string): boolean {
    return this.names.has(method);
  }

  /** @param path of the parameter, or of a field in it: `reply_markup.inline_keyboard.0.0.text` */
  hasParameter(method: string, path: string): boolean {
    return this.names.has(`${method}.${path}`);
  }
}

function normalize(argument: string): string {
  const [, name = '', path = ''] = /^(\w+)((?:\.\w+)*)$/.exec(argument) ?? [];
  const method = METHOD_NAMES.find((known) => known.toLowerCase() === name.toLowerCase());
  if (method !== undefined) return `${method}${path}`;
  throw new Error(
    `--replay-ignore takes METHOD or METHOD.PARAMETER with a method of the Bot API, got ${argument}`,
  );
}
