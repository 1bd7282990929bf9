import type { InvocationError, SourceExcerpt } from '../../../timeline/entries.ts';
import { Code } from '../parts/code.tsx';
import { visible } from '../visible.ts';

/** Why an invocation failed, with the line that threw. */
export function ErrorNote({ error }: { readonly error: InvocationError }) {
  const { type, message, source } = error;
  return (
    <div class="error-note">
      <p>
        <strong>{type}</strong>: {visible(message)}
      </p>
      {source && <Source source={source} />}
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
      <Code label={`Source of ${file}`}>
        {lines.map(({ number, text }) => (
          <span key={number} class={number === line ? 'source-line thrown' : 'source-line'}>
            <span class="line-number">
              {number === line ? '›' : ' '} {String(number).padStart(4)}
            </span>{' '}
            {visible(text)}
            {'\n'}
          </span>
        ))}
      </Code>
    </figure>
  );
}
