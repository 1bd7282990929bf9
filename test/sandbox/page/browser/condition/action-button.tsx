import { useState } from 'preact/hooks';
import type { Action } from '../../protocol.ts';
import { usePageActions } from '../actions.ts';

interface ActionButtonProps {
  readonly action: Action;
  readonly children: string;
  readonly isDanger?: boolean;
}

/** A button for what may take seconds: a second click does nothing until it is done. */
export function ActionButton({ action, children, isDanger }: ActionButtonProps) {
  const { act, can } = usePageActions();
  const [isBusy, setBusy] = useState(false);
  const run = async () => {
    if (isBusy) return;
    setBusy(true);
    await act(action);
    setBusy(false);
  };
  if (!can(action.do)) return null;
  return (
    // Disabled, it would lose the focus.
    <button
      type="button"
      class={isDanger ? 'danger' : undefined}
      aria-disabled={isBusy}
      onClick={run}
    >
      {isBusy ? `${children} …` : children}
    </button>
  );
}
