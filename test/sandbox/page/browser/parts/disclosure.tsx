import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

interface DisclosureProps {
  readonly summary: ComponentChildren;
  /** Drawn only while it is open: most JSON is never looked at. */
  readonly children: () => ComponentChildren;
  readonly class?: string;
  readonly isOpen?: boolean;
}

export function Disclosure({ summary, children, isOpen = false, ...rest }: DisclosureProps) {
  const [open, setOpen] = useState(isOpen);
  return (
    <details {...rest} open={open} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{summary}</summary>
      {open && children()}
    </details>
  );
}
