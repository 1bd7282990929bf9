import type { InvocationError, SourceExcerpt } from '../../../timeline/entries.ts';
import { escapeHidden } from '../escape-hidden.ts';
import { CodeBlock } from '../parts/code-block.tsx';

interface ErrorNoteProps {
  readonly error: InvocationError;
  /** Leaves the source out. */
  readonly isShort: boolean;
}

/** Says why an invocation failed, and shows the line that threw. */
export function ErrorNote({ error, isShort }: ErrorNoteProps) {
  const { type, message, source } = error;
  return (
    <div class="error-note">
      <p>
        <strong>{type}</strong>: {escapeHidden(message)}
      </p>
      {source && !isShort && <Source source={source} />}
    </div>
  );
}

function Source({ source }: { readonly source: SourceExcerpt }) {
  const { file, line, lines } = source;
  return (
    <figure class="source">
      <figcaption>
        {file}:{line}
      </figcaption>
      <CodeBlock label={`Source of ${file}`}>
        {lines.map(({ number, text }) => (
          <span key={number} class={number === line ? 'source-line thrown' : 'source-line'}>
            <span class="line-number">
              {number === line ? '›' : ' '} {String(number).padStart(4)}
            </span>{' '}
            {escapeHidden(text)}
            {'\n'}
          </span>
        ))}
      </CodeBlock>
    </figure>
  );
}
