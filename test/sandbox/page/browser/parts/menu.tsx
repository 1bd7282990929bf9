import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Icon, type IconName } from './icon.tsx';

interface MenuProps {
  readonly icon: IconName;
  readonly label: string;
  /** Buttons. A click on one closes the menu. */
  readonly children: () => ComponentChildren;
}

/** A button that shows further ones, which follow it when it scrolls. Escape and a click elsewhere close it. */
export function Menu({ icon, label, children }: MenuProps) {
  const [isOpen, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const items = useRef<HTMLDivElement>(null);
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  useLayoutEffect(() => {
    if (!isOpen || !button.current || !items.current) return;
    place(items.current, button.current.getBoundingClientRect());
    items.current.querySelector('button')?.focus({ preventScroll: true });
  }, [isOpen]);
  useEffect(() => {
    if (!isOpen) return;
    const onPointer = ({ target }: PointerEvent) => {
      if (!root.current?.contains(target as Node)) setOpen(false);
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape') close();
    };
    // A new message scrolls the others by itself.
    const onScroll = () => {
      const at = button.current?.getBoundingClientRect();
      if (!at || !items.current || at.bottom < 0 || at.top > innerHeight) setOpen(false);
      else place(items.current, at);
    };
    document.addEventListener('pointerdown', onPointer);
    document.addEventListener('keydown', onKey);
    document.addEventListener('scroll', onScroll, { capture: true, passive: true });
    return () => {
      document.removeEventListener('pointerdown', onPointer);
      document.removeEventListener('keydown', onKey);
      document.removeEventListener('scroll', onScroll, { capture: true });
    };
  }, [isOpen]);
  return (
    <div class="menu" ref={root}>
      <button
        ref={button}
        type="button"
        class="icon-button"
        aria-expanded={isOpen}
        aria-label={label}
        title={label}
        onClick={() => setOpen(!isOpen)}
      >
        <Icon name={icon} />
      </button>
      {isOpen && (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the click is that of a button in it
        // biome-ignore lint/a11y/noStaticElementInteractions: the same
        <div class="menu-items" ref={items} onClick={close}>
          {children()}
        </div>
      )}
    </div>
  );
}

const MARGIN_PX = 8;

/** Puts a menu below its button, or above it where there is no room, and always into the window. */
function place({ style, offsetWidth, offsetHeight }: HTMLElement, button: DOMRect): void {
  const room = innerHeight - button.bottom - MARGIN_PX;
  const top = room < offsetHeight ? button.top - offsetHeight : button.bottom;
  const left = Math.min(button.left, innerWidth - offsetWidth - MARGIN_PX);
  style.top = `${Math.max(top, MARGIN_PX)}px`;
  style.left = `${Math.max(left, MARGIN_PX)}px`;
}
