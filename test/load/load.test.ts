import { expect, it } from 'vitest';
import { playLoad } from './run.ts';

// `npm run load` plays a hundred thousand, and as many with direct delivery.
const updates = 500;

it('loses no update, and keeps each chat in order, while processes die and services fail', async () => {
  const report = await playLoad({
    delivery: 'queued',
    updates,
    chats: 100,
    speed: 10,
    temper: { throws: 0.01, hangs: 0.002, takesMs: 0 },
    outages: 0.01,
    killEveryMs: 300,
  });
  expect(report).toMatchObject({ answered: updates, lost: 0, outOfOrder: 0, deadLetters: 0 });
  expect(report.kills + report.outages + report.redelivered).toBeGreaterThan(0);
}, 120_000);
