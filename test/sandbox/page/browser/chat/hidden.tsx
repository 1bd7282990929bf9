import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

interface HiddenProps {
  readonly children: ComponentChildren;
}

/** Shows its text on a click. Until then it is read out to nobody, and its links lead nowhere. */
export function Spoiler({ text, children }: HiddenProps & { readonly text: string }) {
  const [isShown, setShown] = useState(false);
  if (isShown) return <span class="spoiler-shown">{children}</span>;
  return (
    <button type="button" class="spoiler" aria-label="Spoiler: show" onClick={() => setShown(true)}>
      <span aria-hidden="true">{text.replace(/\S/g, '▒')}</span>
    </button>
  );
}

/** A quote of which the first lines show until it is expanded. */
export function ExpandableQuote({ children }: HiddenProps) {
  const [isExpanded, setExpanded] = useState(false);
  return (
    <blockquote class="expandable">
      <div class={isExpanded ? undefined : 'clamped'}>{children}</div>
      <button
        type="button"
        class="link"
        aria-expanded={isExpanded}
        onClick={() => setExpanded(!isExpanded)}
      >
        {isExpanded ? 'Show less' : 'Show more'}
      </button>
    </blockquote>
  );
}
