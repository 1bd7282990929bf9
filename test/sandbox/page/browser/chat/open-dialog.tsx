import { useEffect, useState } from 'preact/hooks';
import type { PlaceView } from '../../protocol.ts';
import { post } from '../actions.ts';
import { ModalDialog } from '../parts/modal-dialog.tsx';

export type Opening = 'person' | 'group';

interface OpenDialogProps {
  readonly kind: Opening;
  readonly botId: number;
  /** Who opens a group, unless another name is typed. */
  readonly person: string;
  readonly places: readonly PlaceView[];
  readonly onClose: () => void;
  readonly onPlace: (id: string) => void;
}

/** Opens another chat with the bot: of a second person, or a group. */
export function OpenDialog({ kind, botId, person, places, onClose, onPlace }: OpenDialogProps) {
  const isGroup = kind === 'group';
  const [title, setTitle] = useState('');
  const [firstName, setFirstName] = useState(isGroup ? person : '');
  const [refusal, setRefusal] = useState('');
  const [opened, setOpened] = useState<string>();
  // The place may come after the answer. Until then, what the person types would go to another one.
  useEffect(() => {
    if (opened === undefined || !places.some(({ id }) => id === opened)) return;
    onPlace(opened);
    onClose();
  }, [opened, places]);
  const open = async (event: Event) => {
    event.preventDefault();
    const result = await post(
      isGroup
        ? { do: 'open group', botId, title: title.trim(), firstName: firstName.trim() }
        : { do: 'open person', botId, firstName: firstName.trim() },
    );
    if (!result.ok) return setRefusal(result.error);
    setOpened(result.placeId);
  };
  return (
    <ModalDialog title={isGroup ? 'Open a group' : 'Chat as another person'} onClose={onClose}>
      <form onSubmit={open}>
        {isGroup && (
          <label class="field">
            Title of the group
            <input
              value={title}
              required
              maxLength={128}
              onInput={({ currentTarget }) => setTitle(currentTarget.value)}
            />
          </label>
        )}
        <label class="field">
          {isGroup ? 'Person in it' : 'First name'}
          <input
            value={firstName}
            required
            maxLength={64}
            onInput={({ currentTarget }) => setFirstName(currentTarget.value)}
          />
        </label>
        <p class="muted">
          {isGroup
            ? 'A new title creates a group with the bot in it. In one that exists, the person joins.'
            : 'A name that nobody has creates a person, who has not started the bot yet.'}
        </p>
        <p class="form-error" role="alert">
          {refusal}
        </p>
        <div class="dialog-actions">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="primary">
            Open
          </button>
        </div>
      </form>
    </ModalDialog>
  );
}
