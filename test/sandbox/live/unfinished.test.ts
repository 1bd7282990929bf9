import { expect, it } from 'vitest';
import { UnfinishedUpdates } from './unfinished.ts';

function taken(...ids: number[]) {
  const updates = new UnfinishedUpdates();
  for (const update_id of ids) updates.add({ update_id });
  return updates;
}

it('asks from the first unfinished update on, and beyond the last one when all are finished', () => {
  expect(taken().offset).toBe(0);
  const updates = taken(7, 8, 9);
  expect(updates.offset).toBe(7);
  updates.finish(8);
  expect(updates.offset).toBe(7);
  updates.finish(7);
  expect(updates.offset).toBe(9);
  updates.finish(9);
  expect(updates.offset).toBe(10);
});

it('knows a finished update again until Telegram has forgotten it', () => {
  const updates = taken(7, 8);
  updates.finish(8);
  expect(updates.add({ update_id: 8 })).toBe(false);
  updates.finish(7);
  updates.confirmed(9);
  expect(updates.add({ update_id: 8 })).toBe(true);
});

it('follows Telegram to lower ids, as after a week without updates', () => {
  const updates = taken(900);
  updates.finish(900);
  expect(updates.add({ update_id: 5 })).toBe(true);
  expect(updates.offset).toBe(5);
  updates.finish(5);
  expect(updates.offset).toBe(6);
});

it('does not count what Telegram has not sent', () => {
  const updates = taken(7);
  updates.finish(8);
  expect(updates.size).toBe(1);
  expect(updates.add({ update_id: 8 })).toBe(true);
});

it('says when nothing is unfinished any more', async () => {
  const updates = taken(7);
  let isEmpty = false;
  const empty = updates.empty().then(() => {
    isEmpty = true;
  });
  await Promise.resolve();
  expect(isEmpty).toBe(false);
  updates.finish(7);
  await empty;
  await updates.empty();
});
