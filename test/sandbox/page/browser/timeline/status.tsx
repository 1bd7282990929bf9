import type { UpdateStatus } from '../../../timeline/entries.ts';
import { Icon, type IconName } from '../parts/icon.tsx';

const ICONS: { readonly [S in UpdateStatus]: IconName } = {
  waiting: 'clock',
  running: 'play',
  handled: 'check',
  failing: 'warning',
  dropped: 'cross',
  'dead letter': 'dead',
};

/** A status by its shape and its word, and only then by its colour. */
export function Status({ status }: { readonly status: UpdateStatus }) {
  return (
    <span class={`status status-${status.replace(' ', '-')}`}>
      <Icon name={ICONS[status]} /> {status}
    </span>
  );
}
