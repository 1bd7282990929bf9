import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import { ModalDialog } from './modal-dialog.tsx';

/** Id of the text that says what is wrong, for `aria-describedby` of a field. */
export const FORM_ERROR_ID = 'form-error';

interface FormDialogProps {
  readonly title: string;
  /** The button that submits. */
  readonly submit: string;
  readonly canSubmit?: boolean;
  /** A sentence that says what is wrong; empty if nothing is. */
  readonly error: string;
  /** Shown beside the buttons. */
  readonly note?: string;
  readonly onSubmit: () => Promise<void>;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** A dialog that submits its fields, once at a time. */
export function FormDialog(props: FormDialogProps) {
  const { title, submit, canSubmit = true, error, note, onSubmit, onClose, children } = props;
  const isBusy = useRef(false);
  const submitOnce = async (event: Event) => {
    event.preventDefault();
    if (isBusy.current) return;
    isBusy.current = true;
    await onSubmit();
    isBusy.current = false;
  };
  return (
    <ModalDialog title={title} onClose={onClose}>
      <form onSubmit={submitOnce}>
        {children}
        <p id={FORM_ERROR_ID} class="form-error" role="status">
          {error}
        </p>
        <div class="dialog-actions">
          {note && <p class="muted">{note}</p>}
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="primary" disabled={!canSubmit}>
            {submit}
          </button>
        </div>
      </form>
    </ModalDialog>
  );
}
