import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { World } from './simulation.ts';

let world: World;

beforeEach(async () => {
  world = await World.start();
});
afterEach(() => world.close());

it('deploys, delivers, updates and destroys', async () => {
  const bot = world.addBot();
  const { status, outputs } = await world.deploy();
  expect(status).toBe('CREATE_COMPLETE');
  expect(await world.delivers(bot)).toBe(outputs.EndpointHost);
  expect((await world.deploy()).status).toBe('UPDATE_COMPLETE');
  expect(world.telegram.calls.filter(({ method }) => method === 'setWebhook')).toHaveLength(2);
  expect((await world.destroy()).status).toBe('DELETE_COMPLETE');
  expect(world.webhookHost(bot)).toBe('');
});

it('serves several bots in one stack, and two stacks at once', async () => {
  const secrets = ['one', 'two', 'three'];
  const bots = secrets.map((secret, index) => world.addBot({ id: 7_000_000_001 + index, secret }));
  const states = await Promise.all([
    world.deploy({
      bots: [
        { id: 'One', secret: 'one' },
        { id: 'Two', secret: 'two' },
      ],
    }),
    world.deploy({ name: 'Other', bots: [{ secret: 'three' }] }),
  ]);
  expect(states.map(({ status }) => status)).toEqual(['CREATE_COMPLETE', 'CREATE_COMPLETE']);
  const hosts = await Promise.all(bots.map((bot) => world.delivers(bot)));
  expect(new Set(hosts).size).toBe(3);
  expect(hosts).not.toContain(undefined);
});

it('moves a bot from a construct to a renamed one', async () => {
  const bot = world.addBot();
  await world.deploy({ bots: [{ id: 'Old' }] });
  const before = world.webhookHost(bot);
  expect((await world.deploy({ bots: [{ id: 'New' }] })).status).toBe('UPDATE_COMPLETE');
  expect(world.webhookHost(bot)).not.toBe(before);
  expect(await world.delivers(bot)).toBe(world.webhookHost(bot));
});

it("tells a foreign webhook's deliveries from the kit's, and none from either", async () => {
  const bot = world.addBot();
  await world.setForeignWebhook(bot, 'foreign.example');
  expect(await world.delivers(bot)).toBe('foreign.example');
  await world.deleteWebhook(bot);
  expect(await world.delivers(bot)).toBeUndefined();
});

describe('what a role may not do fails', () => {
  it('at a secret that is not there, which AWS tells no one who may not read it', async () => {
    world.addBot();
    const token = { secret: 'telegram/other' };
    const { status } = await world.deploy({ bots: [token] });
    expect(status).toBe('ROLLBACK_COMPLETE');
    expect(world.texts().join()).toContain('AccessDeniedException');
  });
});

it('knows every secret there is, and the texts in which they must not be', async () => {
  const bot = world.addBot();
  await world.deploy();
  const { url = '', secretToken } = world.telegram.webhook(bot.id) ?? {};
  const path = new URL(url).pathname.slice(1);
  expect(world.secretsSeen().sort()).toEqual([bot.token, path, secretToken].sort());
  expect(world.texts().join()).toContain('registrar.done');
});

it('waits for a silent Telegram as long as the registrar does, and no longer', async () => {
  world.addBot();
  const start = world.clock.now();
  world.faults = { telegram: () => ({ kind: 'hang' }) };
  expect((await world.deploy()).status).toBe('ROLLBACK_COMPLETE');
  expect(world.texts().join()).toContain('getMe: Telegram was not reached: no answer within');
  expect(world.clock.now() - start).toBeLessThan(16 * 60_000);
});
