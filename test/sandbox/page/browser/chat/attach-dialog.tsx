import { useState } from 'preact/hooks';
import type { Action } from '../../protocol.ts';
import { post } from '../actions.ts';
import { FormDialog } from '../parts/form-dialog.tsx';
import { TextField } from '../parts/text-field.tsx';
import { type AttachmentKind, kindFor, MAX_ATTACHMENT_BYTES } from './attachment-kind.ts';
import { readBase64 } from './read-base64.ts';

interface AttachDialogProps {
  readonly file: File;
  readonly placeId: string;
  readonly onClose: () => void;
}

const KINDS: readonly AttachmentKind[] = [
  'photo',
  'document',
  'video',
  'audio',
  'voice',
  'sticker',
];

/** Asks how to send a file, and with which caption. */
export function AttachDialog({ file, placeId, onClose }: AttachDialogProps) {
  const [kind, setKind] = useState(() => kindFor(file.type));
  const [caption, setCaption] = useState('');
  const [refusal, setRefusal] = useState('');
  const isTooLarge = file.size > MAX_ATTACHMENT_BYTES;
  const send = async () => {
    const base64 = await readBase64(file).catch(() => undefined);
    if (base64 === undefined) return setRefusal('The file cannot be read any more.');
    const action: Action = {
      do: 'send file',
      placeId,
      kind,
      name: file.name,
      mimeType: file.type || 'application/octet-stream',
      base64,
      ...(caption.trim() && { caption }),
    };
    const result = await post(action);
    if (result.ok) onClose();
    else setRefusal(result.error);
  };
  return (
    <FormDialog
      title="Send a file"
      submit="Send"
      canSubmit={!isTooLarge}
      error={isTooLarge ? 'The file is too large for this page: it takes up to 14 MB.' : refusal}
      onSubmit={send}
      onClose={onClose}
    >
      <p class="attached">
        <bdi>{file.name}</bdi> <span class="muted">{Math.ceil(file.size / 1000)} kB</span>
      </p>
      <label class="field">
        Send as
        <select
          value={kind}
          onChange={({ currentTarget }) => setKind(currentTarget.value as AttachmentKind)}
        >
          {KINDS.map((each) => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
        </select>
      </label>
      <TextField label="Caption" value={caption} onValue={setCaption} />
    </FormDialog>
  );
}
