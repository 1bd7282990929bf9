import { escapeHidden } from '../escape-hidden.ts';
import { CodeBlock } from './code-block.tsx';

/** A string with the colon of a property name, another string, or a word: all that gets a colour. */
const TOKEN =
  /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\b\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b/g;

/** A JSON value to read, with line breaks and colours. */
export function Json({ value, label }: { readonly value: unknown; readonly label: string }) {
  const text = escapeHidden(JSON.stringify(value, undefined, 2) ?? 'undefined');
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    const [token, string, colon] = match;
    parts.push(text.slice(end, match.index));
    const kind = colon ? 'key' : string ? 'string' : 'literal';
    parts.push(<span class={`json-${kind}`}>{string ?? token}</span>, colon);
    end = match.index + token.length;
  }
  parts.push(text.slice(end));
  return <CodeBlock label={label}>{parts}</CodeBlock>;
}
