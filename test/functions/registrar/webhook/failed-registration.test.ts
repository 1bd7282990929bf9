import { describe, expect, it } from 'vitest';
import { elsewhere, makeWorld, refused, register, sameBot, unreachable, urlOf } from '../fakes.ts';

describe('a create that fails', () => {
  it('after Telegram was set takes that back', async () => {
    const world = makeWorld();
    world.telegram.faults.getWebhookInfo = [undefined, refused(400, 'no')];
    await expect(register(world)).rejects.toThrow('400 no');
    expect(world.telegram.url).toBe('');
    expect(world.lines.at(-1)?.facts).toEqual({ event: 'registrar.clean-up', outcome: 'removed' });
  });

  it('after an answer was lost takes back what that call may have set', async () => {
    const world = makeWorld();
    world.telegram.faults.setWebhook = ['lost', refused(401, 'Unauthorized')];
    await expect(register(world)).rejects.toThrow('401');
    expect(world.telegram.url).toBe('');
  });

  it('at the probe takes back what an earlier try of the framework has set', async () => {
    const world = makeWorld();
    world.telegram.url = urlOf(world.token);
    world.endpoint = () => 500;
    await expect(register(world)).rejects.toThrow('500');
    expect(world.telegram.url).toBe('');
  });

  it('takes back nothing that is not its own', async () => {
    const world = makeWorld();
    world.telegram.afterwards = () => {
      world.telegram.url = elsewhere;
    };
    await expect(register(world)).rejects.toThrow('old.example');
    expect(world.telegram.url).toBe(elsewhere);
    expect(world.telegram.set).toHaveLength(1);
  });

  it('has time left to take it back when Telegram failed until the deadline', async () => {
    const world = makeWorld();
    const end = world.tools().deadline;
    world.telegram.faults.setWebhook = () =>
      world.clock.now() < end - 60_000 ? unreachable('setWebhook') : undefined;
    world.telegram.url = urlOf(world.token);
    await expect(register(world)).rejects.toThrow('setWebhook: Telegram was not reached');
    expect(world.telegram.url).toBe('');
    expect(world.clock.now()).toBeLessThanOrEqual(end);
  });

  it('fails with its first error, even if that cannot be taken back', async () => {
    const world = makeWorld();
    world.telegram.faults.getWebhookInfo = [
      undefined,
      refused(400, 'first'),
      refused(401, 'second'),
    ];
    await expect(register(world)).rejects.toThrow('first');
    expect(world.lines.at(-1)).toMatchObject({
      level: 'warn',
      facts: { event: 'registrar.clean-up', outcome: 'failed' },
    });
  });
});

describe('an update that fails', () => {
  it('takes nothing back, for the rollback registers the former settings', async () => {
    const world = makeWorld();
    world.telegram.url = urlOf(world.token);
    world.telegram.faults.getWebhookInfo = [undefined, refused(400, 'no')];
    await expect(register(world, {}, sameBot)).rejects.toThrow('400 no');
    expect(world.telegram.url).toBe(urlOf(world.token));
  });
});

describe('the return to what was deployed before', () => {
  const cancelled = 'https://cancelled.execute-api.us-east-1.amazonaws.com/path';

  it('has the last word, though the update that it takes back may still set its webhook', async () => {
    const world = makeWorld();
    world.telegram.url = urlOf(world.token);
    let waited = false;
    world.clock.sleep = async () => {
      waited = true;
      world.telegram.url = cancelled;
    };
    await register(world, {}, { ...sameBot, isReturn: true });
    expect(waited).toBe(true);
    expect(world.telegram.url).toBe(urlOf(world.token));
  });

  it('is all that waits', async () => {
    const world = makeWorld();
    await register(world, {}, sameBot);
    expect(world.clock.slept).toBe(0);
  });
});
