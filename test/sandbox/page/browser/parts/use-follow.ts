import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

/** How far from the end still counts as the end: a fraction of a pixel is normal, a line of text is not. */
const TOLERANCE_PX = 24;

export interface Follow<T extends HTMLElement> {
  /** Of the element that scrolls. Its only child grows. */
  readonly ref: RefObject<T | null>;
  readonly isFollowing: boolean;
  readonly setFollowing: (following: boolean) => void;
}

/** Keeps the end of a growing list in view until the person scrolls up, and again from when they return to the end. */
export function useFollow<T extends HTMLElement>(): Follow<T> {
  const ref = useRef<T>(null);
  const following = useRef(true);
  const [isFollowing, show] = useState(true);
  const setFollowing = (value: boolean) => {
    following.current = value;
    show(value);
    if (value) toEnd(ref.current);
  };
  useEffect(() => {
    const scroller = ref.current;
    const content = scroller?.firstElementChild;
    if (!scroller || !content) return;
    const observer = new ResizeObserver(() => {
      if (following.current) toEnd(scroller);
    });
    observer.observe(content);
    observer.observe(scroller);
    let last = scroller.scrollTop;
    const onScroll = () => {
      const left = scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop;
      const isUp = scroller.scrollTop < last;
      last = scroller.scrollTop;
      // What grows moves the end away without a move of the person's.
      const value = left <= TOLERANCE_PX || (following.current && !isUp);
      if (value === following.current) return;
      following.current = value;
      show(value);
    };
    scroller.addEventListener('scroll', onScroll, { passive: true });
    return () => {
      observer.disconnect();
      scroller.removeEventListener('scroll', onScroll);
    };
  }, []);
  return { ref, isFollowing, setFollowing };
}

function toEnd(scroller: HTMLElement | null): void {
  if (scroller) scroller.scrollTop = scroller.scrollHeight;
}
