import type { ComponentChildren } from 'preact';
import { Icon } from '../parts/icon.tsx';

interface FindingProps {
  readonly isGood: boolean;
  readonly children: ComponentChildren;
}

/** Whether something is as it should be, in shape, word and colour. */
export function Finding({ isGood, children }: FindingProps) {
  return (
    <p class={isGood ? 'health health-good' : 'health health-bad'}>
      <Icon name={isGood ? 'check' : 'warning'} /> {children}
    </p>
  );
}
