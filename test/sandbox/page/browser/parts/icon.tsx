/** Paths on a grid of 16 by 16, drawn as lines. */
const PATHS = {
  attach:
    'M13 7.5 7.8 12.7a3.2 3.2 0 0 1-4.5-4.5l5.5-5.5a2.1 2.1 0 0 1 3 3l-5.4 5.4a1 1 0 0 1-1.5-1.5L9.8 4.7',
  check: 'm3 8.5 3.2 3.2L13 4.8',
  chevron: 'm6 4 4 4-4 4',
  clock: 'M8 4.5V8l2.3 1.5M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2z',
  close: 'm4 4 8 8m0-8-8 8',
  cross: 'm5.8 5.8 4.4 4.4m0-4.4-4.4 4.4M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2z',
  dead: 'M2 9h3.5l1 2h3l1-2H14M2 9l2-6h8l2 6v4H2zm4.5-3.5 3-3',
  keyboard: 'M2 4h12v8H2zm2.5 2.5h.1m2.3 0h.1m2.3 0h.1m2.2 0h.1M5 9.5h6',
  more: 'M3.5 8h.1M8 8h.1m4.4 0h.1',
  move: 'M2 8h11M9 4l4 4-4 4',
  play: 'M5 3.5v9l7-4.5z',
  plus: 'M8 3v10M3 8h10',
  reply: 'M7 4 3 8l4 4M3 8h6a4 4 0 0 1 4 4v1',
  send: 'M2.5 8 13.5 2.5 11 13.5 7.8 9.2zm5.3 1.2 5.7-6.7',
  slash: 'M10.5 3 5.5 13',
  warning: 'M8 2.2 14.4 13.5H1.6zM8 6.5v3.3m0 1.8v.1',
} as const;

export type IconName = keyof typeof PATHS;

/** A picture beside words, or in a control that has a label: nothing that has to be read out. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
