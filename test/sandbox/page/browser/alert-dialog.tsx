import { useId } from 'preact/hooks';
import { ModalDialog } from './parts/modal-dialog.tsx';

interface AlertDialogProps {
  /** Who says it. */
  readonly title: string;
  readonly text: string;
  readonly onClose: () => void;
}

/** The answer of a bot that the person has to close, as in Telegram. */
export function AlertDialog({ title, text, onClose }: AlertDialogProps) {
  const id = useId();
  return (
    <ModalDialog title={title} onClose={onClose} role="alertdialog" aria-describedby={id}>
      <p id={id} class="alert-text" dir="auto">
        {text}
      </p>
      <div class="dialog-actions">
        <button type="button" class="primary" onClick={onClose}>
          OK
        </button>
      </div>
    </ModalDialog>
  );
}
