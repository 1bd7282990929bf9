import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { UpdateEntry } from '../../../timeline/entries.ts';
import { post } from '../actions.ts';
import { FORM_ERROR_ID, FormDialog } from '../parts/form-dialog.tsx';
import { withoutId } from './as-curl.ts';
import { readUpdate } from './read-update.ts';

interface EditDialogProps {
  readonly entry: UpdateEntry;
  readonly onClose: () => void;
}

/** Sends an update with changes: any JSON that an update can be. */
export function EditDialog({ entry, onClose }: EditDialogProps) {
  const { botId, update } = entry;
  const [text, setText] = useState(() => JSON.stringify(withoutId(update), undefined, 2));
  const [refusal, setRefusal] = useState('');
  const area = useRef<HTMLTextAreaElement>(null);
  const read = readUpdate(text);
  // The dialog gives it the focus, and a browser shows the end of what it writes into a field.
  useLayoutEffect(() => {
    area.current?.setSelectionRange(0, 0);
    area.current?.scrollTo(0, 0);
  }, []);
  const send = async () => {
    if (!read.ok) return;
    const result = await post({ do: 'send update', botId, update: read.update });
    if (result.ok) onClose();
    else setRefusal(result.error);
  };
  return (
    <FormDialog
      title="Edit and send"
      submit="Send"
      canSubmit={read.ok}
      error={read.ok ? refusal : read.problem}
      note="It gets the next update_id."
      onSubmit={send}
      onClose={onClose}
    >
      <textarea
        ref={area}
        class="code-area"
        aria-label="JSON of the update"
        aria-invalid={!read.ok}
        aria-describedby={FORM_ERROR_ID}
        spellcheck={false}
        rows={18}
        value={text}
        onInput={({ currentTarget }) => {
          setText(currentTarget.value);
          setRefusal('');
        }}
      />
    </FormDialog>
  );
}
