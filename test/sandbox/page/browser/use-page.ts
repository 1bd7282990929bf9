import { useEffect, useReducer } from 'preact/hooks';
import type { PageEvent, PageState } from '../protocol.ts';
import { type Link, linkAfter } from './link.ts';
import { stateAfter } from './state.ts';

export type News = Extract<PageEvent, { type: 'notice' | 'alert' }>;

/**
 * Follows the server's events. The browser connects again itself, and a snapshot then replaces everything.
 *
 * @param onNews stays the same
 */
export function usePage(onNews: (news: News) => void): {
  readonly state: PageState | undefined;
  readonly link: Link;
} {
  const [state, dispatch] = useReducer<PageState | undefined, PageEvent>(stateAfter, undefined);
  const [link, linked] = useReducer(linkAfter, { is: 'connecting' } as Link);
  useEffect(() => {
    const source = new EventSource('events');
    source.onopen = () => linked('opened');
    source.onerror = () => linked(source.readyState === EventSource.CLOSED ? 'refused' : 'failed');
    source.onmessage = ({ data }) => {
      const event: PageEvent = JSON.parse(data);
      if (event.type === 'notice' || event.type === 'alert') onNews(event);
      else dispatch(event);
    };
    return () => source.close();
  }, []);
  return { state, link };
}
