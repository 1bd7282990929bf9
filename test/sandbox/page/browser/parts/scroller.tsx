import type { ComponentProps, RefObject } from 'preact';

interface ScrollerProps extends Omit<ComponentProps<'section'>, 'ref'> {
  readonly label: string;
  readonly scrollRef?: RefObject<HTMLElement | null>;
}

/** A part of the page that scrolls by itself. It takes the focus, because not every browser lets the keyboard scroll it otherwise. */
export function Scroller({ label, scrollRef, ...attributes }: ScrollerProps) {
  // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
  return <section ref={scrollRef} aria-label={label} tabIndex={0} {...attributes} />;
}
