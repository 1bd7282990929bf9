import { useEffect, useReducer, useRef } from 'preact/hooks';
import type { PageEvent, PageState } from '../protocol.ts';
import { type Link, linkAfter } from './link.ts';
import { stateAfter } from './state.ts';

/** Follows the server's events. The browser connects again itself, and a snapshot then replaces everything. */
export function usePage(onNotice: (text: string) => void): {
  readonly state: PageState | undefined;
  readonly link: Link;
} {
  const [state, dispatch] = useReducer<PageState | undefined, PageEvent>(stateAfter, undefined);
  const [link, linked] = useReducer(linkAfter, { is: 'connecting' } as Link);
  const notice = useRef(onNotice);
  notice.current = onNotice;
  useEffect(() => {
    const source = new EventSource('events');
    source.onopen = () => linked('opened');
    source.onerror = () => linked(source.readyState === EventSource.CLOSED ? 'refused' : 'failed');
    source.onmessage = ({ data }) => {
      const event: PageEvent = JSON.parse(data);
      if (event.type === 'notice') notice.current(event.text);
      else dispatch(event);
    };
    return () => source.close();
  }, []);
  return { state, link };
}
