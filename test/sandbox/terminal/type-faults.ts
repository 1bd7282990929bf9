import type { TypeFault } from '../type-check.ts';
import { indent, line, type SafeText, style, visible } from './style.ts';

const SHOWN = 5;

/** Describes type errors in a few lines; undefined if there are none. */
export function describeTypeFaults(faults: readonly TypeFault[]): SafeText | undefined {
  if (faults.length === 0) return undefined;
  const shown = faults
    .slice(0, SHOWN)
    .map(({ place, message }) => indent(visible([place, message].filter(Boolean).join('  '))));
  const more = faults.length - shown.length;
  if (more > 0) shown.push(indent(line`${more} more: npm run typecheck`));
  const title = style('yellow', 'Type errors (the bot runs in spite of them):');
  return [title, ...shown].join('\n') as SafeText;
}
