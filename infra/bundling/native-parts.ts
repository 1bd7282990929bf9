import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Message, Metafile } from 'esbuild';

/** `sharp-linux-arm64`: a package with the compiled code for one platform. */
const PLATFORM_PACKAGE = /(linux|darwin|win32).*(x64|arm64)|(x64|arm64).*(linux|darwin|win32)/;

/**
 * Refuses a bundle with packages that load compiled code, because the code stays behind and the function crashes
 * when it loads.
 *
 * @throws Error that names a package and what to do
 */
export function refuseNativeParts({ inputs }: Metafile, root: string): void {
  const directories = Object.keys(inputs).flatMap(
    (path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0] ?? [],
  );
  for (const directory of new Set(directories)) {
    if (hasNativeParts(resolve(root, directory))) throw nativeParts(packageOf(directory));
  }
}

/** Returns the error to show when esbuild has met compiled code; undefined for any other errors. */
export function nativePartsError(errors: readonly Message[]): Error | undefined {
  const paths = errors.map(({ text }) => /"\.node" files: (.*)/.exec(text)?.[1]);
  const path = paths.find((found) => found !== undefined);
  return path === undefined ? undefined : nativeParts(packageOf(path));
}

function hasNativeParts(directory: string): boolean {
  const path = join(directory, 'package.json');
  if (existsSync(join(directory, 'binding.gyp'))) return true;
  if (!existsSync(path)) return false;
  const { binary, gypfile, optionalDependencies = {} } = JSON.parse(readFileSync(path, 'utf8'));
  return (
    binary !== undefined ||
    gypfile === true ||
    Object.keys(optionalDependencies).some((name) => PLATFORM_PACKAGE.test(name))
  );
}

function nativeParts(name: string): Error {
  return new Error(
    `${name} has parts that are compiled for one platform, which cannot be bundled: add ` +
      `bundling: { nodeModules: ['${name}'] } to the bot's settings, and it is installed for Lambda beside the bundle ` +
      '(or external, if a layer has it or the bot works without it)',
  );
}

/** Returns the name of the package that a path leads into. */
function packageOf(path: string): string {
  return /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? path;
}
