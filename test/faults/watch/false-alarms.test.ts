import { expect, it } from 'vitest';
import { countFalseAlarms } from './false-alarms.ts';

it('raises no alarm about deploys, short outages and bursts, in fifty days', async () => {
  expect(await countFalseAlarms(50, 1)).toBe(0);
}, 60_000);
