import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

interface CardProps {
  readonly title: string;
  /** For long values: as wide as the pane. */
  readonly isWide?: boolean;
  readonly children: ComponentChildren;
}

export function Card({ title, isWide, children }: CardProps) {
  const id = useId();
  return (
    <section class={isWide ? 'card card-wide' : 'card'} aria-labelledby={id}>
      <h3 id={id}>{title}</h3>
      {children}
    </section>
  );
}
