import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { TimelineEntry } from '../../timeline/entries.ts';
import type { Action, ActionResult } from '../protocol.ts';

/** Lets components do more than show their props. */
export interface PageActions {
  /** Asks the server, and shows the sentence in its answer, if there is one. */
  readonly act: (action: Action) => Promise<ActionResult>;
  /** Whether the server does this. What it refuses in live mode is not shown. */
  readonly can: (action: Action['do']) => boolean;
  readonly notify: (text: string, isError?: boolean) => void;
  /** Copies a text; shows it for copying by hand where the browser does not allow that. */
  readonly copy: (text: string, name: string) => void;
  /** All entries of this moment: a component that needs them only for an action is not drawn again with each. */
  readonly entries: () => readonly TimelineEntry[];
}

const nothing = () => {
  throw new Error('There is no page around this component');
};

export const PageContext = createContext<PageActions>({
  act: nothing,
  can: nothing,
  notify: nothing,
  copy: nothing,
  entries: nothing,
});

export function usePageActions(): PageActions {
  return useContext(PageContext);
}

/** Sends an action to the server. Never rejects. */
export async function post(action: Action): Promise<ActionResult> {
  try {
    const response = await fetch('actions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(action),
    });
    if (response.headers.get('content-type')?.startsWith('application/json')) {
      return await response.json();
    }
    return { ok: false, error: `npm start refused the action with ${response.status}.` };
  } catch {
    return { ok: false, error: 'npm start cannot be reached. Is it still running?' };
  }
}
