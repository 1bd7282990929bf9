import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Simulation } from './simulation.ts';

let simulation: Simulation;

beforeEach(async () => {
  simulation = await Simulation.start();
});
afterEach(() => simulation.close());

it('deploys, delivers, updates and destroys', async () => {
  const bot = simulation.addBot();
  const { status, outputs } = await simulation.deploy();
  expect(status).toBe('CREATE_COMPLETE');
  expect(await simulation.delivers(bot)).toBe(outputs.EndpointHost);
  expect((await simulation.deploy()).status).toBe('UPDATE_COMPLETE');
  expect(simulation.telegram.calls.filter(({ method }) => method === 'setWebhook')).toHaveLength(2);
  expect((await simulation.destroy()).status).toBe('DELETE_COMPLETE');
  expect(simulation.webhookHost(bot)).toBe('');
});

it('deploys several bots in one stack, and two stacks at the same time', async () => {
  const secrets = ['one', 'two', 'three'];
  const bots = secrets.map((secret, index) =>
    simulation.addBot({ id: 7_000_000_001 + index, secret }),
  );
  const states = await Promise.all([
    simulation.deploy({
      bots: [
        { id: 'One', secret: 'one' },
        { id: 'Two', secret: 'two' },
      ],
    }),
    simulation.deploy({ name: 'Other', bots: [{ secret: 'three' }] }),
  ]);
  expect(states.map(({ status }) => status)).toEqual(['CREATE_COMPLETE', 'CREATE_COMPLETE']);
  const hosts = await Promise.all(bots.map((bot) => simulation.delivers(bot)));
  expect(new Set(hosts).size).toBe(3);
  expect(hosts).not.toContain(undefined);
});

it("lets one of two simultaneous first deploys with existingWebhook 'fail' win", async () => {
  const bot = simulation.addBot();
  let probes = 0;
  // Three probes fail, so that one stack probes for longer than the other.
  simulation.faults = {
    endpoint: (sender) => (sender === 'probe' && ++probes <= 3 ? { status: 404 } : undefined),
  };
  const bots = [{ existingWebhook: 'fail' as const }];
  const states = await Promise.all(
    ['Kit', 'Other'].map((name) => simulation.deploy({ name, bots })),
  );
  const [winner, ...others] = states.filter(({ status }) => status === 'CREATE_COMPLETE');
  expect(others).toEqual([]);
  expect(await simulation.delivers(bot)).toBe(winner?.outputs.EndpointHost);
  const reasons = simulation.cloudFormation.events.flatMap(({ reason }) => reason ?? []);
  const host = winner?.outputs.EndpointHost;
  // The other one sees the winner's webhook before it sets its own, or in its place afterwards.
  expect(reasons.join()).toMatch(
    new RegExp(`already delivers to ${host}|getWebhookInfo showed a webhook at ${host}`),
  );
});

it('moves a bot to a renamed construct', async () => {
  const bot = simulation.addBot();
  await simulation.deploy({ bots: [{ id: 'Old' }] });
  const before = simulation.webhookHost(bot);
  expect((await simulation.deploy({ bots: [{ id: 'New' }] })).status).toBe('UPDATE_COMPLETE');
  expect(simulation.webhookHost(bot)).not.toBe(before);
  expect(await simulation.delivers(bot)).toBe(simulation.webhookHost(bot));
});

it('reports the host that processes an update, and undefined without a webhook', async () => {
  const bot = simulation.addBot();
  await simulation.setForeignWebhook(bot, 'foreign.example');
  expect(await simulation.delivers(bot)).toBe('foreign.example');
  await simulation.deleteWebhook(bot);
  expect(await simulation.delivers(bot)).toBeUndefined();
});

describe('a role without permission', () => {
  it('gets AccessDeniedException for a secret that does not exist, as from AWS', async () => {
    simulation.addBot();
    const token = { secret: 'telegram/other' };
    const { status } = await simulation.deploy({ bots: [token] });
    expect(status).toBe('ROLLBACK_COMPLETE');
    expect(simulation.publicTexts().join()).toContain('AccessDeniedException');
  });
});

it('collects every secret, and the texts in which none may appear', async () => {
  const bot = simulation.addBot();
  await simulation.deploy();
  const { url = '', secretToken } = simulation.telegram.webhook(bot.id) ?? {};
  const path = new URL(url).pathname.slice(1);
  expect(simulation.secretsSeen().sort()).toEqual([bot.token, path, secretToken].sort());
  expect(simulation.publicTexts().join()).toContain('registrar.done');
});

it('advances the clock by no more than the registrar waits for a silent Telegram', async () => {
  simulation.addBot();
  const start = simulation.clock.now();
  simulation.faults = { telegram: () => ({ kind: 'hang' }) };
  expect((await simulation.deploy()).status).toBe('ROLLBACK_COMPLETE');
  expect(simulation.publicTexts().join()).toContain(
    'getMe: Telegram was not reached: no answer within',
  );
  expect(simulation.clock.now() - start).toBeLessThan(16 * 60_000);
});
