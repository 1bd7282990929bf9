import { expect, it } from 'vitest';
import type { WatchEvent } from '../../../../functions/contract.ts';
import { handleRound } from '../../../../functions/registrar/watch/round.ts';
import { properties, TWELVE_MINUTES } from '../fakes.ts';
import { type Deployed, makeDeployed, watchEvent } from './fixtures.ts';

/** Returns a stack with this many bots, and what sends the registrar their round. */
function makeStack(count: number, changes: (bot: number) => Partial<WatchEvent> = () => ({})) {
  const deployed = makeDeployed();
  const { ScheduledTime = '', ...check } = watchEvent(deployed);
  const Checks = Array.from({ length: count }, (_, bot) => ({
    ...check,
    Bot: `bot-dev/Bot${bot}`,
    ...changes(bot),
  }));
  const send = (services: Partial<Deployed['services']> = {}, time = ScheduledTime) =>
    handleRound({ RequestType: 'WatchRound', ScheduledTime: time, Checks }, TWELVE_MINUTES, {
      ...deployed.services,
      ...services,
      writeMetric: (line) => void deployed.metrics.push(line),
    });
  const events = (name: string) =>
    deployed.lines
      .map(({ facts }) => facts as { event: string; bot: string })
      .filter(({ event }) => event === name);
  return { deployed, send, events, names: Checks.map(({ Bot }) => Bot) };
}

it.each([
  [0, [0, 1, 2]],
  [0.5, [1, 2, 0]],
])('reports and measures every bot of the stack, beginning anywhere', async (chance, order) => {
  const stack = makeStack(3);
  const { deployed, send, events } = stack;
  const names = order.map((bot) => stack.names[bot]);
  deployed.clock.chance = chance;
  await send();
  expect(events('watch.report').map(({ bot }) => bot)).toEqual(names);
  expect(deployed.metrics.map((line) => JSON.parse(line).Bot)).toEqual(names);
});

it('repairs one bot as if there were no other', async () => {
  const { deployed, send, events } = makeStack(2, (bot) => (bot === 0 ? { BotId: '1' } : {}));
  deployed.updatedAt = deployed.clock.now() - 3_600_000;
  deployed.clock.chance = 0;
  deployed.telegram.url = '';
  await send();
  expect(deployed.telegram.set).toHaveLength(1);
  expect(events('watch.report')).toMatchObject([
    { bot: 'bot-dev/Bot0', condition: 'another-bot' },
    { bot: 'bot-dev/Bot1', condition: 'missing', repair: 'done' },
  ]);
});

it('checks all others while one of them hangs', async () => {
  const secret = (bot: number) => (bot === 0 ? 'hangs' : properties.TokenSecret);
  const { deployed, send, events, names } = makeStack(20, (bot) => ({
    ResourceProperties: { ...properties, TokenSecret: secret(bot) },
  }));
  let release = () => {};
  const hanging = new Promise<void>((resolve) => {
    release = resolve;
  });
  const round = send({
    readToken: async ({ tokenSecret }) => {
      if (tokenSecret === 'hangs') await hanging;
      return deployed.token;
    },
  });
  const reported = () => events('watch.report').map(({ bot }) => bot);
  await expect.poll(() => reported().length).toBe(19);
  expect(reported()).not.toContain(names[0]);
  release();
  await round;
  expect(reported()).toHaveLength(20);
});

it('checks only some of many at the same time, because they share a small part of a processor', async () => {
  const { deployed, send } = makeStack(20);
  let running = 0;
  let most = 0;
  await send({
    readToken: async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return deployed.token;
    },
  });
  expect(most).toBe(8);
});

it('goes on after a check that fails unexpectedly', async () => {
  const { send, events } = makeStack(2, (bot) =>
    bot === 0 ? { ResourceProperties: { ...properties, MaxConnections: 'many' } } : {},
  );
  await send();
  expect(events('watch.failed')).toMatchObject([
    { bot: 'bot-dev/Bot0', because: expect.stringContaining('maxConnections') },
  ]);
  expect(events('watch.report')).toMatchObject([{ bot: 'bot-dev/Bot1' }]);
});

it('drops no check because those before it took long, but every check of a round that came late', async () => {
  const slow = makeStack(10);
  await slow.send({
    readToken: async () => {
      slow.deployed.clock.time += 30_000;
      return slow.deployed.token;
    },
  });
  expect([slow.events('watch.report').length, slow.events('watch.dropped').length]).toEqual([
    10, 0,
  ]);
  const late = makeStack(2);
  await late.send({}, new Date(late.deployed.clock.now() - 61_000).toISOString());
  expect([late.events('watch.report').length, late.events('watch.dropped').length]).toEqual([0, 2]);
});
