import { describe, expect, it } from 'vitest';
import { ManualClock } from '../clock.ts';
import { messageIn } from './fixtures.ts';
import { PendingUpdates } from './pending-updates.ts';

const clock = new ManualClock();
const callback = {
  callback_query: {
    id: '1',
    from: { id: 1, is_bot: false, first_name: 'Ada' },
    chat_instance: '1',
  },
};

describe('pending updates', () => {
  it('numbers updates consecutively from a random start', () => {
    const starts = new Set<number>();
    for (let i = 0; i < 5; i++) {
      const pending = new PendingUpdates(clock);
      const ids = [1, 2, 3].map((chat) => pending.add(messageIn(chat, 'a'))?.update.update_id ?? 0);
      const [first = 0] = ids;
      expect(ids).toEqual([first, first + 1, first + 2]);
      starts.add(first);
    }
    expect(starts.size).toBeGreaterThan(1);
  });

  it('leaves a recorded update its number', () => {
    const pending = new PendingUpdates(clock);
    const recorded = pending.add({ update_id: 7, ...messageIn(1, 'a') });
    expect(recorded?.update.update_id).toBe(7);
  });

  it('refuses an update when there are too many, without using up a number', () => {
    const pending = new PendingUpdates(clock, 2);
    const [first] = [1, 2].map((chat) => pending.add(messageIn(chat, 'a')));
    expect(pending.add(messageIn(3, 'a'))).toBeUndefined();
    if (first) pending.remove(first);
    expect(pending.add(messageIn(3, 'a'))?.update.update_id).toBe(
      (first?.update.update_id ?? 0) + 2,
    );
  });

  it('holds up to 100,000 updates', () => {
    const pending = new PendingUpdates(clock);
    for (let i = 0; i < 100_000; i++) pending.add(callback);
    expect(pending.add(callback)).toBeUndefined();
    expect(pending.size).toBe(100_000);
  });

  it('throws for an update above 512 KiB', () => {
    const pending = new PendingUpdates(clock);
    expect(() => pending.add(messageIn(1, 'x'.repeat(512 * 1024)))).toThrow('524288 bytes');
    expect(pending.size).toBe(0);
  });

  it('expires each update after its own lifetime, and lists the rest in order of arrival', async () => {
    const pending = new PendingUpdates(clock);
    const add = (update: Parameters<typeof pending.add>[0]) =>
      pending.add(update)?.update.update_id;
    const ids = [messageIn(1, 'a'), callback, messageIn(2, 'b'), callback].map(add);
    const listed = () => pending.inOrder().map(({ update }) => update.update_id);
    expect(listed()).toEqual(ids);
    await clock.advance(150_001);
    expect(listed()).toEqual([ids[0], ids[2]]);
  });

  it('forgets all updates when cleared', () => {
    const pending = new PendingUpdates(clock);
    const one = pending.add(callback);
    pending.clear();
    expect(pending.size).toBe(0);
    expect(one && pending.has(one)).toBe(false);
  });
});
