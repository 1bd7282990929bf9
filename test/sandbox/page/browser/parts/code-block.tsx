import type { ComponentChildren } from 'preact';

interface CodeProps {
  readonly label: string;
  readonly children: ComponentChildren;
}

/** Lines in a monospaced font, which the keyboard can scroll. */
export function CodeBlock({ label, children }: CodeProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: not every browser lets the keyboard scroll it otherwise
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for controls
    <pre class="code" tabIndex={0} role="group" aria-label={label}>
      {children}
    </pre>
  );
}
