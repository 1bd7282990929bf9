import { useEffect } from 'preact/hooks';
import { IconButton } from './icon-button.tsx';

export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly isError: boolean;
}

interface ToastsProps {
  readonly toasts: readonly Toast[];
  readonly onClose: (id: number) => void;
}

/** News for a moment. Errors stay until they are closed. Both regions always exist, so that their changes are read out. */
export function Toasts({ toasts, onClose }: ToastsProps) {
  const list = (isError: boolean) =>
    toasts
      .filter((toast) => toast.isError === isError)
      .map((toast) => <ToastItem key={toast.id} toast={toast} onClose={onClose} />);
  return (
    <div class="toasts">
      <div role="status">{list(false)}</div>
      <div role="alert">{list(true)}</div>
    </div>
  );
}

const SHOWN_MS = 6_000;

function ToastItem({ toast, onClose }: Omit<ToastsProps, 'toasts'> & { readonly toast: Toast }) {
  const { id, text, isError } = toast;
  useEffect(() => {
    if (isError) return;
    const timer = setTimeout(() => onClose(id), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [id, isError]);
  return (
    <div class={isError ? 'toast toast-error' : 'toast'}>
      <p dir="auto">{text}</p>
      <IconButton icon="close" label="Dismiss" onClick={() => onClose(id)} />
    </div>
  );
}
