import { describe, expect, it } from 'vitest';
import { CANCELLED_REGISTRATION_MS } from '../../../../functions/registrar/retry/time-budget.ts';
import {
  foreignUrl,
  makeFakes,
  refusedWith,
  register,
  sameBot,
  unreachable,
  urlOf,
} from '../fakes.ts';

describe('a create that fails', () => {
  it('removes the webhook that it has set', async () => {
    const fakes = makeFakes();
    fakes.telegram.faults.getWebhookInfo = [undefined, undefined, refusedWith(400, 'no')];
    await expect(register(fakes)).rejects.toThrow('400 no');
    expect(fakes.telegram.url).toBe('');
    expect(fakes.lines.at(-1)?.facts).toEqual({ event: 'registrar.undo', outcome: 'removed' });
  });

  it('removes the webhook that a call with a lost response may have set', async () => {
    const fakes = makeFakes();
    fakes.telegram.faults.setWebhook = ['lost', refusedWith(401, 'Unauthorized')];
    await expect(register(fakes)).rejects.toThrow('401');
    expect(fakes.telegram.url).toBe('');
  });

  it('removes the webhook of an earlier delivery of the event when the probe fails', async () => {
    const fakes = makeFakes();
    fakes.telegram.url = urlOf(fakes.token);
    fakes.endpoint = () => 500;
    await expect(register(fakes)).rejects.toThrow('500');
    expect(fakes.telegram.url).toBe('');
  });

  it('leaves a webhook that is not its own', async () => {
    const fakes = makeFakes();
    fakes.telegram.afterSetWebhook = () => {
      fakes.telegram.url = foreignUrl;
    };
    await expect(register(fakes)).rejects.toThrow('old.example');
    expect(fakes.telegram.url).toBe(foreignUrl);
    expect(fakes.telegram.set).toHaveLength(1);
  });

  it('has time left to undo when Telegram fails until the deadline', async () => {
    const fakes = makeFakes();
    const end = fakes.context().deadline;
    fakes.telegram.faults.setWebhook = () =>
      fakes.clock.now() < end - 60_000 ? unreachable('setWebhook') : undefined;
    fakes.telegram.url = urlOf(fakes.token);
    await expect(register(fakes)).rejects.toThrow('setWebhook: Telegram was not reached');
    expect(fakes.telegram.url).toBe('');
    expect(fakes.clock.now()).toBeLessThanOrEqual(end);
  });

  it('fails with its first error even when the undo fails', async () => {
    const fakes = makeFakes();
    fakes.telegram.faults.getWebhookInfo = [
      undefined,
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
  it('undoes nothing, because the rollback registers the previous settings', async () => {
    const fakes = makeFakes();
    fakes.telegram.url = urlOf(fakes.token);
    fakes.telegram.faults.getWebhookInfo = [undefined, undefined, refusedWith(400, 'no')];
    await expect(register(fakes, {}, sameBot)).rejects.toThrow('400 no');
    expect(fakes.telegram.url).toBe(urlOf(fakes.token));
  });
});

describe('a rollback', () => {
  const cancelledUrl = 'https://cancelled.execute-api.us-east-1.amazonaws.com/path';
  const rollback = { isRollback: true };

  it('sets the webhook last, although the cancelled update may still set its own', async () => {
    const fakes = makeFakes();
    fakes.telegram.url = urlOf(fakes.token);
    let waited = 0;
    fakes.clock.sleep = async (ms) => {
      waited += ms;
      fakes.telegram.url = cancelledUrl;
    };
    await register(fakes, {}, sameBot, rollback);
    expect(waited).toBe(CANCELLED_REGISTRATION_MS);
    expect(fakes.telegram.url).toBe(urlOf(fakes.token));
  });

  it('counts what it has waited for before: a slow probe', async () => {
    const fakes = makeFakes();
    fakes.endpoint = () => {
      fakes.clock.time += 30_000;
      return 200;
    };
    await register(fakes, {}, sameBot, rollback);
    expect(fakes.clock.slept).toBe(CANCELLED_REGISTRATION_MS - 30_000);
  });

  it('does not wait when everything took longer', async () => {
    const fakes = makeFakes();
    fakes.endpoint = () => {
      fakes.clock.time += 2 * 60_000;
      return 200;
    };
    await register(fakes, {}, sameBot, rollback);
    expect(fakes.clock.slept).toBe(0);
  });

  it('does not wait on an update that is not a rollback', async () => {
    const fakes = makeFakes();
    fakes.telegram.url = urlOf(fakes.token);
    await register(fakes, {}, sameBot);
    expect(fakes.clock.slept).toBe(0);
  });
});
