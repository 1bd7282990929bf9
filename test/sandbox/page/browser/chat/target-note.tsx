import { describeMessage } from '../../../terminal/describe-message.ts';
import { Icon } from '../parts/icon.tsx';
import { IconButton } from '../parts/icon-button.tsx';
import type { Target } from './target.ts';

interface TargetNoteProps {
  readonly target: Target | undefined;
  /** Absent if the person cannot cancel. */
  readonly onCancel: (() => void) | undefined;
}

/** Says what the text will be: a reply, or another text for a message. */
export function TargetNote({ target, onCancel }: TargetNoteProps) {
  if (!target) return null;
  const { kind, message } = target;
  return (
    <div class="target-note">
      <Icon name="reply" />
      <p>
        <strong>
          {kind === 'edit' ? 'Edit' : 'Reply to'}{' '}
          {kind === 'reply' && <bdi>{message.from?.first_name}</bdi>}
        </strong>{' '}
        <bdi class="muted">{describeMessage(message)}</bdi>
      </p>
      {onCancel && <IconButton icon="close" label="Cancel" onClick={onCancel} />}
    </div>
  );
}
