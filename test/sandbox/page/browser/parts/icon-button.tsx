import type { ButtonHTMLAttributes } from 'preact';
import { Icon, type IconName } from './icon.tsx';

interface IconButtonProps extends ButtonHTMLAttributes {
  readonly icon: IconName;
  /** Read out, and shown on hover. */
  readonly label: string;
}

export function IconButton({ icon, label, ...attributes }: IconButtonProps) {
  return (
    <button type="button" class="icon-button" aria-label={label} title={label} {...attributes}>
      <Icon name={icon} />
    </button>
  );
}
