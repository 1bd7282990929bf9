import { describe, expect, it } from 'vitest';
import {
  elsewhere,
  makeFakes,
  refusedWith,
  register,
  sameBot,
  unreachable,
  urlOf,
} from '../fakes.ts';

describe('a create that fails', () => {
  it('after Telegram was set takes that back', async () => {
    const fakes = makeFakes();
    fakes.telegram.faults.getWebhookInfo = [undefined, refusedWith(400, 'no')];
    await expect(register(fakes)).rejects.toThrow('400 no');
    expect(fakes.telegram.url).toBe('');
    expect(fakes.lines.at(-1)?.facts).toEqual({ event: 'registrar.undo', outcome: 'removed' });
  });

  it('after an answer was lost takes back what that call may have set', async () => {
    const fakes = makeFakes();
    fakes.telegram.faults.setWebhook = ['lost', refusedWith(401, 'Unauthorized')];
    await expect(register(fakes)).rejects.toThrow('401');
    expect(fakes.telegram.url).toBe('');
  });

  it('at the probe takes back what an earlier try of the framework has set', async () => {
    const fakes = makeFakes();
    fakes.telegram.url = urlOf(fakes.token);
    fakes.endpoint = () => 500;
    await expect(register(fakes)).rejects.toThrow('500');
    expect(fakes.telegram.url).toBe('');
  });

  it('takes back nothing that is not its own', async () => {
    const fakes = makeFakes();
    fakes.telegram.afterwards = () => {
      fakes.telegram.url = elsewhere;
    };
    await expect(register(fakes)).rejects.toThrow('old.example');
    expect(fakes.telegram.url).toBe(elsewhere);
    expect(fakes.telegram.set).toHaveLength(1);
  });

  it('has time left to take it back when Telegram failed until the deadline', async () => {
    const fakes = makeFakes();
    const end = fakes.context().deadline;
    fakes.telegram.faults.setWebhook = () =>
      fakes.clock.now() < end - 60_000 ? unreachable('setWebhook') : undefined;
    fakes.telegram.url = urlOf(fakes.token);
    await expect(register(fakes)).rejects.toThrow('setWebhook: Telegram was not reached');
    expect(fakes.telegram.url).toBe('');
    expect(fakes.clock.now()).toBeLessThanOrEqual(end);
  });

  it('fails with its first error, even if that cannot be taken back', async () => {
    const fakes = makeFakes();
    fakes.telegram.faults.getWebhookInfo = [
      undefined,
      refusedWith(400, 'first'),
      refusedWith(401, 'second'),
    ];
    await expect(register(fakes)).rejects.toThrow('first');
    expect(fakes.lines.at(-1)).toMatchObject({
      level: 'warn',
      facts: { event: 'registrar.undo', outcome: 'failed' },
    });
  });
});

describe('an update that fails', () => {
  it('takes nothing back, for the rollback registers the former settings', async () => {
    const fakes = makeFakes();
    fakes.telegram.url = urlOf(fakes.token);
    fakes.telegram.faults.getWebhookInfo = [undefined, refusedWith(400, 'no')];
    await expect(register(fakes, {}, sameBot)).rejects.toThrow('400 no');
    expect(fakes.telegram.url).toBe(urlOf(fakes.token));
  });
});

describe('the return to what was deployed before', () => {
  const cancelled = 'https://cancelled.execute-api.us-east-1.amazonaws.com/path';

  it('has the last word, though the update that it takes back may still set its webhook', async () => {
    const fakes = makeFakes();
    fakes.telegram.url = urlOf(fakes.token);
    let waited = false;
    fakes.clock.sleep = async () => {
      waited = true;
      fakes.telegram.url = cancelled;
    };
    await register(fakes, {}, { ...sameBot, isRollback: true });
    expect(waited).toBe(true);
    expect(fakes.telegram.url).toBe(urlOf(fakes.token));
  });

  it('is all that waits', async () => {
    const fakes = makeFakes();
    await register(fakes, {}, sameBot);
    expect(fakes.clock.slept).toBe(0);
  });
});
