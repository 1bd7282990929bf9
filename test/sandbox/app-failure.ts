import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** One of esbuild's errors with the lines of code below it, up to a stack trace or the next text. */
const ESBUILD_ERROR = /✘ \[ERROR\] .*(?:\n(?!\s+(?:at |\.\.\.))(?:[ \t].*)?)*/g;
/** The short form, in the message of an esbuild error and of tsx. */
const SHORT_ERROR = /^.*:\d+:\d+: ERROR: .*$/gm;
/** How Node prints an uncaught `Error`: the message, and the place where it was thrown. */
const UNCAUGHT = /^Error: ([\s\S]*?)\n {4}at (.*)$/m;

/**
 * Reduces what a failed app has printed to what its author needs: esbuild's errors without the construct tree and
 * the stack, and the message of an `Error` that the project's own code throws, because that was written for a
 * reader. Anything else is returned whole, because its stack is the only clue.
 */
export function describeAppFailure(printed: string, projectRoot: string): string {
  const text = printed.replaceAll('\r\n', '\n');
  for (const pattern of [ESBUILD_ERROR, SHORT_ERROR]) {
    const errors = (text.match(pattern) ?? []).map((error) => error.trim());
    const own = errors.map((error) => error.replaceAll(join(projectRoot, '/'), ''));
    if (own.length > 0) return [...new Set(own)].join('\n\n');
  }
  const [, message = '', thrownAt = ''] = UNCAUGHT.exec(text) ?? [];
  if (message !== '' && isIn(projectRoot, thrownAt)) return message;
  return `The CDK app failed:\n${text.trim()}`;
}

/** Returns whether a line of a stack trace is in the project's own code. */
function isIn(projectRoot: string, frame: string): boolean {
  const roots = [projectRoot, pathToFileURL(projectRoot).href];
  return roots.some((root) => frame.includes(root)) && !frame.includes('node_modules');
}
