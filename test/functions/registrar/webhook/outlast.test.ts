import { describe, expect, it } from 'vitest';
import { ResourceType } from '../../../../functions/contract.ts';
import { ATTEMPT_MS } from '../../../../functions/registrar/retry/time-budget.ts';
import {
  createEvent,
  deleteEvent,
  type Fakes,
  foreignUrl,
  handle,
  makeFakes,
  properties,
  updateEvent,
  urlOf,
} from '../fakes.ts';

/** Changes the webhook, as a call does that was decided before, after this time. */
function lateCall(fakes: Fakes, afterMs: number, url: string): void {
  const { clock, telegram } = fakes;
  const sleep = clock.sleep.bind(clock);
  const at = clock.now() + afterMs;
  let isDone = false;
  clock.sleep = async (ms) => {
    await sleep(ms);
    if (!isDone && clock.now() >= at) {
      isDone = true;
      telegram.url = url;
    }
  };
}

const other = { ...properties, MaxConnections: '7' };
const previousUrl = 'https://previous.execute-api.us-east-1.amazonaws.com/path';

describe('what was decided before', () => {
  it('cannot outlive a delete: a repair that sets the webhook again', async () => {
    const fakes = makeFakes();
    fakes.telegram.url = urlOf(fakes.token);
    lateCall(fakes, ATTEMPT_MS - 1, urlOf(fakes.token));
    await handle(fakes, deleteEvent(ResourceType.webhook));
    expect(fakes.telegram.url).toBe('');
    expect(fakes.clock.slept).toBe(ATTEMPT_MS);
  });

  it('cannot outlive a delete that has found another webhook', async () => {
    const fakes = makeFakes();
    fakes.telegram.url = foreignUrl;
    lateCall(fakes, ATTEMPT_MS - 1, urlOf(fakes.token));
    await handle(fakes, deleteEvent(ResourceType.webhook));
    expect(fakes.telegram.url).toBe('');
  });

  it('cannot replace the settings of an update: a repair that restores the old ones', async () => {
    const fakes = makeFakes();
    fakes.telegram.url = urlOf(fakes.token);
    lateCall(fakes, ATTEMPT_MS - 1, previousUrl);
    await handle(fakes, updateEvent(ResourceType.webhook, undefined, other));
    expect(fakes.clock.waits[0]).toBe(ATTEMPT_MS);
    expect(fakes.telegram.url).toBe(urlOf(fakes.token));
  });

  it('cannot replace a new webhook unnoticed: a repair of another stack', async () => {
    const fakes = makeFakes();
    lateCall(fakes, ATTEMPT_MS - 1, foreignUrl);
    const failure = handle(fakes, createEvent(ResourceType.webhook));
    await expect(failure).rejects.toThrow('getWebhookInfo showed a webhook at old.example');
  });

  it('cannot remove a restored webhook unnoticed: a destroy of another stack', async () => {
    const fakes = makeFakes();
    fakes.telegram.url = foreignUrl;
    lateCall(fakes, ATTEMPT_MS - 1, '');
    const failure = handle(fakes, updateEvent(ResourceType.webhook));
    await expect(failure).rejects.toThrow('getWebhookInfo showed no webhook');
  });

  it('is not waited for when an update renews a webhook as it is', async () => {
    const fakes = makeFakes();
    fakes.telegram.url = urlOf(fakes.token);
    const stamped = {
      ...properties,
      DeployStamp: '2026-01-02T00:00:00Z',
      TokenReader: 'arn:aws:iam::123456789012:role/reader',
      Behind: 'https://another.execute-api.us-east-1.amazonaws.com',
    };
    await handle(fakes, updateEvent(ResourceType.webhook, undefined, stamped));
    expect(fakes.clock.slept).toBe(0);
  });
});
