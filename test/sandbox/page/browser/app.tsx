import { useCallback, useMemo, useRef, useState } from 'preact/hooks';
import { LOCAL_ACTIONS, type PageState } from '../protocol.ts';
import { type PageActions, PageContext, post } from './actions.ts';
import { AlertDialog } from './alert-dialog.tsx';
import { CopyDialog } from './copy-dialog.tsx';
import { LinkBanner } from './link-banner.tsx';
import { type Toast, Toasts } from './parts/toasts.tsx';
import { ProblemDialog } from './problem-dialog.tsx';
import { type News, usePage } from './use-page.ts';
import { Workbench } from './workbench.tsx';

/** The oldest goes, even an error: more would cover the page. */
const MAX_TOASTS = 3;

type Alert = Extract<News, { type: 'alert' }> & { readonly id: number };

/** The whole page: what the server says, and whatever lies over it. */
export function App() {
  const [toasts, setToasts] = useState<readonly Toast[]>([]);
  const [copied, setCopied] = useState<{ readonly text: string; readonly name: string }>();
  const nextId = useRef(0);
  const notify = useCallback((text: string, isError = false) => {
    const toast = { id: nextId.current++, text, isError };
    setToasts((shown) => [
      ...shown.filter((each) => each.text !== text).slice(1 - MAX_TOASTS),
      toast,
    ]);
  }, []);
  const [alerts, setAlerts] = useState<readonly Alert[]>([]);
  const onNews = useCallback((news: News) => {
    if (news.type === 'notice') notify(news.text);
    else setAlerts((waiting) => [...waiting, { ...news, id: nextId.current++ }]);
  }, []);
  const { state, link } = usePage(onNews);
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
  const [alert] = alerts;
  return (
    <PageContext.Provider value={actions}>
      <LinkBanner link={link} />
      {state ? <Workbench state={state} /> : <p class="loading">Connecting to npm start …</p>}
      <ProblemDialog problem={state?.problem} />
      {copied && <CopyDialog {...copied} onClose={() => setCopied(undefined)} />}
      {alert && (
        <AlertDialog
          key={alert.id}
          title={state ? botNameAt(state, alert.placeId) : ''}
          text={alert.text}
          onClose={() => setAlerts((waiting) => waiting.slice(1))}
        />
      )}
      <Toasts toasts={toasts} onClose={close} />
    </PageContext.Provider>
  );
}

function botNameAt({ bots, places }: PageState, placeId: string): string {
  const place = places.find(({ id }) => id === placeId);
  return bots.find(({ id }) => id === place?.botId)?.firstName ?? '';
}
