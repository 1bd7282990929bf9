import { useEffect, useState } from 'preact/hooks';
import type { PlaceView } from '../../protocol.ts';
import { post } from '../actions.ts';
import { FormDialog } from '../parts/form-dialog.tsx';
import { TextField } from '../parts/text-field.tsx';

export type Opening = keyof typeof TEXTS;

const TEXTS = {
  person: {
    title: 'Chat as another person',
    person: 'First name',
    hint: 'A name that nobody has creates a person, who has not started the bot yet.',
  },
  group: {
    title: 'Open a group',
    person: 'Person in it',
    hint: 'A new title creates a group with the bot in it. In one that exists, the person joins.',
  },
};

interface OpenDialogProps {
  readonly kind: Opening;
  readonly botId: number;
  /** First name of the person who opens a group, unless another one is typed. */
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
  const open = async () => {
    const result = await post(
      isGroup
        ? { do: 'open group', botId, title, firstName }
        : { do: 'open person', botId, firstName },
    );
    if (result.ok) setOpened(result.placeId);
    else setRefusal(result.error);
  };
  const texts = TEXTS[kind];
  return (
    <FormDialog title={texts.title} submit="Open" error={refusal} onSubmit={open} onClose={onClose}>
      {isGroup && (
        <TextField
          label="Title of the group"
          required
          maxLength={128}
          value={title}
          onValue={setTitle}
        />
      )}
      <TextField
        label={texts.person}
        required
        maxLength={64}
        value={firstName}
        onValue={setFirstName}
      />
      <p class="muted">{texts.hint}</p>
    </FormDialog>
  );
}
