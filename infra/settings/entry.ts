import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that paths in settings start from: the one with `infra/` and `functions/`. */
export const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

/** Returns the absolute path of an entry, which may be a path from the project's root. */
export function resolveEntry(entry: string): string {
  return resolve(projectRoot, entry);
}

/** @throws Error when an entry is not a file, or is named like CommonJS */
export function checkEntry(entry: string): void {
  const file = statSync(resolveEntry(entry), { throwIfNoEntry: false });
  if (!file?.isFile()) {
    throw new Error(
      "entry must be a file that exports `handler`, as an absolute path or one from the project's root, such as " +
        `functions/bot.ts; got ${entry}, which is ${file ? 'a directory' : 'missing'}`,
    );
  }
  if (/\.c[jt]s$/.test(entry)) throw commonJsEntry(entry);
}

export function commonJsEntry(entry: string): Error {
  return new Error(
    `entry must be an ES module, but ${entry} is CommonJS: name it .ts or .mts, and write import and export instead ` +
      'of require and module.exports',
  );
}
