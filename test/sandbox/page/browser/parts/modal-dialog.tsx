import type { ComponentChildren, DialogHTMLAttributes } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { IconButton } from './icon-button.tsx';

interface DialogProps extends Pick<DialogHTMLAttributes, 'role' | 'aria-describedby'> {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
  readonly kind?: 'problem';
}

/** A modal dialog for as long as it is in the tree. The browser keeps the focus in it, and returns it afterwards. */
export function ModalDialog({ title, onClose, children, kind, ...attributes }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  // An ordinary effect would end after the dialog is gone, and a removed dialog leaves the focus on nothing.
  useLayoutEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    // By itself, the button that closes would have the focus.
    dialog?.querySelector<HTMLElement>('input, select, textarea, .primary')?.focus();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      {...attributes}
      ref={ref}
      class={kind && `dialog-${kind}`}
      aria-labelledby={id}
      onCancel={onClose}
    >
      <header class="dialog-head">
        <h2 id={id}>{title}</h2>
        <IconButton icon="close" label="Close" onClick={onClose} />
      </header>
      {children}
    </dialog>
  );
}
