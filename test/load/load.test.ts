import { expect, it } from 'vitest';
import { playLoad } from './run.ts';

// `npm run load` plays a hundred thousand of them.
const load = {
  updates: 800,
  chats: 100,
  speed: 10,
  temper: { throws: 0.01, hangs: 0.001, takesMs: 0 },
  outages: 0.01,
  killEveryMs: 300,
};

it.each(['queued', 'direct'] as const)(
  'loses no update, and keeps each chat in order, with %s delivery under fire',
  async (delivery) => {
    const report = await playLoad({ ...load, delivery });
    expect(report).toMatchObject({
      lost: 0,
      outOfOrder: 0,
      deadLetters: 0,
      answered: load.updates,
    });
    expect(report.kills + report.outages + report.redelivered).toBeGreaterThan(0);
  },
  120_000,
);
