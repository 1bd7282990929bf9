import type { LogLine } from '../../../timeline/entries.ts';
import { escapeHidden } from '../escape-hidden.ts';
import { CodeBlock } from '../parts/code-block.tsx';
import { Disclosure } from '../parts/disclosure.tsx';

interface LogProps {
  readonly lines: readonly LogLine[];
  readonly isOpen: boolean;
}

export function Log({ lines, isOpen }: LogProps) {
  if (lines.length === 0) return null;
  return (
    // With an error it opens, even if it was there before the error.
    <Disclosure
      key={String(isOpen)}
      class="log"
      isOpen={isOpen}
      summary={lines.length === 1 ? '1 log line' : `${lines.length} log lines`}
    >
      {() => (
        <CodeBlock label="Log">
          {lines.map(({ text, isError }, index) => (
            <span key={index} class={isError ? 'log-error' : undefined}>
              {isError && <span class="visually-hidden">error: </span>}
              {escapeHidden(text)}
              {'\n'}
            </span>
          ))}
        </CodeBlock>
      )}
    </Disclosure>
  );
}
