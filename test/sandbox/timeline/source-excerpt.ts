import { readFileSync, realpathSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';
import type { SourceExcerpt } from './entries.ts';

const FRAME = /^\s+at (?:.*\()?(?:file:\/\/)?(.+?):(\d+):\d+\)?$/;
const SOURCE = /\.[cm]?[jt]sx?$/;
/** The kit's own code, which is rarely what a person looks for if there is any other. */
const KIT = /^functions[\\/]/;
/** Lines before the one that threw, and after it. */
const AROUND = 3;

/**
 * Returns the line that threw, with its neighbours. Only source files of the project count: neither the text of an error
 * nor a link may show another file.
 *
 * @param stack with paths relative to the root, or absolute ones
 * @param message of the error, which the stack begins with and which may look like a line of it
 */
export function excerptOf(
  root: string,
  { stack, message }: { stack: string; message: string },
): SourceExcerpt | undefined {
  const start = Math.max(stack.indexOf(message), 0) + message.length;
  const frames = stack
    .slice(start)
    .split('\n')
    .flatMap((text) => {
      const [, path = '', line] = FRAME.exec(text) ?? [];
      const file = fileIn(root, path);
      return file ? [{ ...file, line: Number(line) }] : [];
    });
  const frame = frames.find(({ name }) => !KIT.test(name)) ?? frames[0];
  if (!frame) return undefined;
  const all = linesOf(frame.path);
  if (frame.line < 1 || frame.line > all.length) return undefined;
  const first = Math.max(frame.line - AROUND, 1);
  const lines = all
    .slice(first - 1, frame.line + AROUND)
    .map((text, index) => ({ number: first + index, text }));
  return { file: frame.name.split(sep).join('/'), line: frame.line, lines };
}

function fileIn(root: string, path: string): { path: string; name: string } | undefined {
  if (!SOURCE.test(path)) return undefined;
  try {
    const base = realpathSync(root);
    const file = realpathSync(resolve(base, path));
    const name = relative(base, file);
    const isOutside = name
      .split(sep)
      .some((part) => part === 'node_modules' || part.startsWith('.'));
    return isOutside || resolve(base, name) !== file || !SOURCE.test(name)
      ? undefined
      : { path: file, name };
  } catch {
    return undefined;
  }
}

/** Returns no lines for a folder, and for a file that is gone by now. */
function linesOf(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch {
    return [];
  }
}
