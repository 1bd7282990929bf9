import { Duration } from 'aws-cdk-lib';
import { expect, it } from 'vitest';
import { runLoad } from './run.ts';

// `npm run test:load` sends a hundred thousand, and as many again with direct delivery.
const updates = 500;

it('loses no update and keeps each chat in order while processes die and services fail', async () => {
  const report = await runLoad({
    delivery: 'queued',
    updates,
    chats: 100,
    speed: 3,
    retriesAtOnce: true,
    // Long enough even on a busy machine.
    timeout: Duration.seconds(20),
    faultRates: { throws: 0.01, hangs: 0.01, takesMs: 0 },
    outages: 0.01,
    killEvery: 20,
  });
  expect(report).toMatchObject({ answered: updates, lost: 0, outOfOrder: 0, late: 0 });
  expect(report.kills).toBeGreaterThan(0);
}, 300_000);
