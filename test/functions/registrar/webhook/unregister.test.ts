import { describe, expect, it } from 'vitest';
import {
  type TokenProblem,
  TokenUnavailableError,
} from '../../../../functions/bot-token/errors.ts';
import { ResourceType } from '../../../../functions/contract.ts';
import { parseRegistration } from '../../../../functions/registrar/webhook/parameters.ts';
import { unregisterWebhook } from '../../../../functions/registrar/webhook/unregister.ts';
import { fakeToken } from '../../../sandbox/index.ts';
import {
  deleteEvent,
  type Fakes,
  makeFakes,
  properties,
  refusedWith,
  unreachable,
  urlOf,
} from '../fakes.ts';

const foreignUrl = 'https://new.example/their-secret-path';

function registered(): Fakes {
  const fakes = makeFakes();
  fakes.telegram.url = urlOf(fakes.token);
  return fakes;
}

function registration(changes: object = {}) {
  return parseRegistration(
    deleteEvent(ResourceType.webhook, 'unused', { ...properties, ...changes }),
  );
}

function unregister(fakes: Fakes, changes: object = {}, botId = '7000000001') {
  return unregisterWebhook(botId, registration(changes), fakes.context());
}

describe('unregisterWebhook', () => {
  it('removes its webhook', async () => {
    const fakes = registered();
    await expect(unregister(fakes)).resolves.toEqual({ outcome: 'removed' });
    expect(fakes.telegram.set).toEqual([{ url: '' }]);
  });

  it('keeps pending updates', async () => {
    const fakes = registered();
    await unregister(fakes);
    expect(fakes.telegram.pending).toBe(3);
  });

  it.each([
    ['spelled differently', 'https://ABC123.execute-api.us-east-1.amazonaws.com:443/'],
    ['that of an update that failed', 'https://url456.lambda-url.us-east-1.on.aws'],
  ])('finds its webhook when the declared endpoint is %s', async (_, Endpoint) => {
    const fakes = registered();
    await expect(unregister(fakes, { Endpoint })).resolves.toEqual({ outcome: 'removed' });
  });
});

describe('unregisterWebhook with the generated id of a cancelled create', () => {
  const unregisterCancelled = (fakes: Fakes) =>
    unregister(fakes, {}, 'Kit-BotRegistration541C9316-1ABCDEFGHIJ');

  it('removes the webhook that the create has set', async () => {
    const fakes = registered();
    await expect(unregisterCancelled(fakes)).resolves.toEqual({ outcome: 'removed' });
  });

  it.each([
    ['sets it only later', [5]],
    ['sets it once more after a lost response', [1, 3]],
  ])('removes the webhook when the create is still running and %s', async (_, looksThatFindIt) => {
    const fakes = makeFakes();
    let looks = 0;
    fakes.telegram.faults.getWebhookInfo = () => {
      looks += 1;
      if (looksThatFindIt.includes(looks)) fakes.telegram.url = urlOf(fakes.token);
      return undefined;
    };
    await expect(unregisterCancelled(fakes)).resolves.toEqual({ outcome: 'removed' });
    expect(fakes.telegram.set).toEqual(looksThatFindIt.map(() => ({ url: '' })));
    expect(fakes.telegram.url).toBe('');
  });

  it("watches no longer than the create's last probe and last call can take", async () => {
    const fakes = makeFakes();
    await expect(unregisterCancelled(fakes)).resolves.toMatchObject({ outcome: 'left' });
    expect(fakes.clock.slept).toBe(55_000);
  });

  it('watches no longer than the time that is left', async () => {
    const fakes = makeFakes();
    const context = { ...fakes.context(), deadline: fakes.clock.now() + 12_000 };
    await unregisterWebhook('generated', registration(), context);
    expect(fakes.clock.slept).toBe(12_000);
  });

  it('leaves a foreign webhook unchanged while it watches', async () => {
    const fakes = makeFakes();
    fakes.telegram.url = foreignUrl;
    await expect(unregisterCancelled(fakes)).resolves.toMatchObject({ outcome: 'left' });
    expect(fakes.telegram.set).toEqual([]);
  });
});

describe('unregisterWebhook when there is nothing that it can or may remove', () => {
  const left = (because: RegExp) => ({ outcome: 'left', because: expect.stringMatching(because) });

  it('succeeds when the bot has no webhook', async () => {
    await expect(unregister(makeFakes())).resolves.toEqual(left(/the bot has no webhook/));
  });

  it.each([
    ['another host', foreignUrl, /new\.example$/],
    ['another path of the same host', `${properties.Endpoint}/other`, /abc123.*amazonaws\.com$/],
  ])('leaves a webhook at %s, and shows only its host', async (_place, url, because) => {
    const fakes = makeFakes();
    fakes.telegram.url = url;
    await expect(unregister(fakes)).resolves.toEqual(left(because));
    expect(fakes.telegram.set).toEqual([]);
  });

  it('leaves the webhook of another construct of the same stack, as after a rename', async () => {
    const fakes = registered();
    await expect(unregister(fakes, { Address: 'c8other' })).resolves.toMatchObject({
      outcome: 'left',
    });
    expect(fakes.telegram.set).toEqual([]);
  });

  it("leaves the webhook when the secret holds another bot's token", async () => {
    const fakes = makeFakes();
    fakes.token = fakeToken(42);
    fakes.telegram.url = urlOf(fakes.token);
    await expect(unregister(fakes)).resolves.toEqual(
      left(/token of bot 42 instead of bot 7000000001/),
    );
    expect(fakes.telegram.methods).toEqual([]);
  });

  it.each<[TokenProblem]>([['missing'], ['denied'], ['unusable']])(
    'leaves the webhook when the token is %s',
    async (reason) => {
      const fakes = registered();
      fakes.secret = () => {
        throw new TokenUnavailableError(reason, `the token is ${reason}`);
      };
      await expect(unregister(fakes)).resolves.toEqual(left(new RegExp(`the token is ${reason}`)));
      expect(fakes.telegram.methods).toEqual([]);
    },
  );

  it.each([
    refusedWith(401, 'Unauthorized'),
    refusedWith(404, 'Not Found'),
    refusedWith(400, 'Logged out'),
  ])('leaves the webhook when the token is no longer valid: $message', async (refusal) => {
    const fakes = registered();
    fakes.telegram.faults.getWebhookInfo = [refusal];
    await expect(unregister(fakes)).resolves.toEqual(left(new RegExp(refusal.description)));
    expect(fakes.clock.slept).toBe(0);
  });

  it('leaves the webhook when the token is revoked between getWebhookInfo and setWebhook', async () => {
    const fakes = registered();
    fakes.telegram.faults.setWebhook = [refusedWith(401, 'Unauthorized')];
    await expect(unregister(fakes)).resolves.toEqual(left(/Unauthorized/));
  });

  it.each(['TokenSecret', 'ApiRoot', 'Address'])(
    'leaves the webhook when the resource has no %s',
    async (name) => {
      const fakes = registered();
      await expect(unregister(fakes, { [name]: undefined })).resolves.toEqual(
        left(/lacks properties/),
      );
      expect(fakes.telegram.methods).toEqual([]);
    },
  );
});

describe('unregisterWebhook when a call fails', () => {
  it('retries until Telegram and Secrets Manager answer', async () => {
    const fakes = registered();
    fakes.telegram.faults = {
      getWebhookInfo: [unreachable(), refusedWith(502, 'Bad Gateway')],
      setWebhook: [refusedWith(429, 'Too Many Requests', 3), unreachable()],
    };
    let throttled = 2;
    fakes.secret = () => {
      if (throttled-- > 0) throw new TokenUnavailableError('unreachable', 'throttled');
      return fakes.token;
    };
    await expect(unregister(fakes)).resolves.toEqual({ outcome: 'removed' });
    expect(fakes.telegram.url).toBe('');
  });

  it('leaves a foreign webhook that was set while a response was lost', async () => {
    const fakes = registered();
    fakes.telegram.faults.setWebhook = ['lost'];
    fakes.telegram.afterSetWebhook = () => {
      fakes.telegram.url = foreignUrl;
    };
    await expect(unregister(fakes)).resolves.toMatchObject({ outcome: 'left' });
    expect(fakes.telegram.url).toBe(foreignUrl);
  });

  it('fails at the deadline when Telegram stays unreachable', async () => {
    const fakes = registered();
    const { deadline } = fakes.context();
    fakes.telegram.faults.getWebhookInfo = () => unreachable();
    await expect(unregister(fakes)).rejects.toThrow('Telegram was not reached');
    expect(fakes.clock.now()).toBeGreaterThan(deadline - 60_000);
    expect(fakes.clock.now()).toBeLessThanOrEqual(deadline + 10_000);
  });

  it('fails at the deadline when Secrets Manager stays unreachable', async () => {
    const fakes = registered();
    fakes.secret = () => {
      throw new TokenUnavailableError('unreachable', 'throttled');
    };
    await expect(unregister(fakes)).rejects.toThrow('throttled');
    expect(fakes.clock.slept).toBeGreaterThan(10 * 60_000);
  });

  it('fails on a refusal that it does not know', async () => {
    const fakes = registered();
    fakes.telegram.faults.setWebhook = [refusedWith(400, 'Bad Request: something new')];
    await expect(unregister(fakes)).rejects.toThrow('something new');
  });
});
