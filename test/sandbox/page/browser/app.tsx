import { useCallback, useMemo, useRef, useState } from 'preact/hooks';
import { LOCAL_ACTIONS } from '../protocol.ts';
import { type PageActions, PageContext, post } from './actions.ts';
import { CopyDialog } from './copy-dialog.tsx';
import { LinkBanner } from './link-banner.tsx';
import { type Toast, Toasts } from './parts/toasts.tsx';
import { ProblemDialog } from './problem-dialog.tsx';
import { usePage } from './use-page.ts';
import { Workbench } from './workbench.tsx';

/** The whole page: what the server says, and whatever lies over it. */
export function App() {
  const [toasts, setToasts] = useState<readonly Toast[]>([]);
  const [copied, setCopied] = useState<{ readonly text: string; readonly name: string }>();
  const nextId = useRef(0);
  const notify = useCallback((text: string, isError = false) => {
    const toast = { id: nextId.current++, text, isError };
    setToasts((shown) => [...shown.filter((each) => each.text !== text).slice(-2), toast]);
  }, []);
  const { state, link } = usePage(notify);
  const entries = useRef(state?.entries);
  entries.current = state?.entries;
  const isLive = state?.mode === 'live';
  const actions = useMemo<PageActions>(
    () => ({
      notify,
      entries: () => entries.current ?? [],
      act: async (action) => {
        const result = await post(action);
        if (!result.ok) notify(result.error, true);
        else if (result.notice) notify(result.notice);
        return result;
      },
      can: (action) => !(isLive && LOCAL_ACTIONS.includes(action)),
      copy: (text, name) => {
        navigator.clipboard.writeText(text).then(
          () => notify(`Copied: ${name}`),
          () => setCopied({ text, name }),
        );
      },
    }),
    [isLive],
  );
  const close = useCallback(
    (id: number) => setToasts((shown) => shown.filter((toast) => toast.id !== id)),
    [],
  );
  return (
    <PageContext.Provider value={actions}>
      <LinkBanner link={link} />
      {state ? <Workbench state={state} /> : <p class="loading">Connecting to npm start …</p>}
      <ProblemDialog problem={state?.problem} />
      {copied && <CopyDialog {...copied} onClose={() => setCopied(undefined)} />}
      <Toasts toasts={toasts} onClose={close} />
    </PageContext.Provider>
  );
}
