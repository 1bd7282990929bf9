import type { SlotValue } from './kinds.ts';
import type { Slot } from './slots.ts';

/** A write that brings a slot to what is declared. */
export interface SlotChange {
  readonly slot: Slot;
  readonly value: SlotValue;
  /**
   * What Telegram has, which undoes the step: the kind's unset value for a slot that is not set. A language that happens to
   * have the text of all others counts as not set.
   */
  readonly before: SlotValue;
}

export interface Plan {
  readonly steps: readonly SlotChange[];
  /** Slots that are no longer declared and that another process has changed since: they are its own. */
  readonly left: readonly Slot[];
}

/** A slot, and what Telegram returns for it. */
export interface Seen {
  readonly slot: Slot;
  readonly current: SlotValue;
  /** What a read returns if the slot is not set: for a language, the text without one. */
  readonly fallback: SlotValue;
}

/**
 * Plans the fewest writes from what Telegram has to what is declared. A declared slot is set, whoever changed it. One that
 * is no longer declared is cleared if it is as the stack has set it.
 *
 * @param clearsHidden whether that includes a text that equals the one it falls back to. No read tells whether it is set, and
 *   if it is, it would show up once the other changes. A deploy clears it; the watch would do so at every check.
 */
export function plan(seen: readonly Seen[], { clearsHidden }: { clearsHidden: boolean }): Plan {
  const steps: SlotChange[] = [];
  const left: Slot[] = [];
  for (const { slot, current, fallback } of seen) {
    const { kind, where, declared, previous } = slot;
    const value = kind.target(current, declared, previous);
    const isUnset = kind.isSame(current, fallback, where);
    const before = isUnset ? kind.unset : current;
    if (kind.isSame(current, value, where)) continue;
    const isOurs = isAs(previous, { slot, current }) && (clearsHidden || !isUnset);
    if (declared !== undefined || isOurs) steps.push({ slot, value, before });
    else if (!isUnset) left.push(slot);
  }
  return { steps, left };
}

/** Whether a slot is as the stack has set it. */
function isAs(previous: SlotValue, { slot, current }: Pick<Seen, 'slot' | 'current'>): boolean {
  const { kind, where } = slot;
  return kind.isSame(current, kind.target(current, previous, undefined), where);
}
