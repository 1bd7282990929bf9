import { ModalDialog } from './parts/modal-dialog.tsx';

interface CopyDialogProps {
  readonly text: string;
  readonly name: string;
  readonly onClose: () => void;
}

/** Shows a text, selected, where the browser lets no page copy. */
export function CopyDialog({ text, name, onClose }: CopyDialogProps) {
  return (
    <ModalDialog title={`Copy ${name}`} onClose={onClose}>
      <textarea
        class="code-area"
        aria-label={name}
        readOnly
        rows={14}
        value={text}
        onFocus={({ currentTarget }) => currentTarget.select()}
      />
    </ModalDialog>
  );
}
