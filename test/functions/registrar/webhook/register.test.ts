import { describe, expect, it } from 'vitest';
import { TokenUnavailableError } from '../../../../functions/bot-token/errors.ts';
import { deriveWebhookSecrets } from '../../../../functions/registrar/webhook/derive-secrets.ts';
import { fakeToken, makeCertificate } from '../../../sandbox/index.ts';
import {
  botId,
  type Fakes,
  foreignUrl,
  makeFakes,
  properties,
  refusedWith,
  register,
  sameBot,
  stackId,
  unreachable,
  urlOf,
} from '../fakes.ts';

const otherBot = { botId: '42', endpoint: properties.Endpoint, isChanged: false };

describe('registerWebhook', () => {
  it('checks, probes, checks again, sets and verifies, in this order', async () => {
    const fakes = makeFakes();
    const order: string[] = fakes.telegram.methods;
    fakes.secret = () => {
      order.push('token');
      return fakes.token;
    };
    fakes.endpoint = () => {
      order.push('probe');
      return 200;
    };
    await expect(register(fakes)).resolves.toEqual({ botId, replacedHost: '', pendingUpdates: 3 });
    expect(order).toEqual([
      'token',
      'getWebhookInfo',
      'probe',
      'getWebhookInfo',
      'setWebhook',
      'getWebhookInfo',
    ]);
    expect(fakes.telegram.url).toBe(urlOf(fakes.token));
  });

  it('sends every parameter, because an omitted one keeps its previous value', async () => {
    const fakes = makeFakes();
    await register(fakes);
    const { secret } = deriveWebhookSecrets(fakes.token, { stackId, address: properties.Address });
    expect(fakes.telegram.set).toEqual([
      {
        url: urlOf(fakes.token),
        certificate: undefined,
        ip_address: undefined,
        max_connections: 40,
        allowed_updates: [],
        drop_pending_updates: false,
        secret_token: secret,
      },
    ]);
  });

  it('passes on every setting', async () => {
    const fakes = makeFakes();
    const pem = Buffer.from((await makeCertificate(['bot.example'])).certificate);
    const changes = {
      AllowedUpdates: ['message', 'chat_member'],
      MaxConnections: '3',
      IpAddress: '93.184.216.34',
      Certificate: pem.toString('base64'),
    };
    await register(fakes, changes);
    expect(fakes.telegram.set[0]).toMatchObject({
      allowed_updates: ['message', 'chat_member'],
      max_connections: 3,
      ip_address: '93.184.216.34',
      certificate: pem,
    });
    expect(fakes.probes[0]).toMatchObject({ ipAddress: '93.184.216.34', certificate: pem });
  });

  it('probes the same URL with the same secret that it gives to Telegram', async () => {
    const fakes = makeFakes();
    await register(fakes);
    expect(fakes.probes[0]?.url.href).toBe(fakes.telegram.set[0]?.url);
    expect(fakes.probes[0]?.secret).toBe(fakes.telegram.set[0]?.secret_token);
  });

  it('makes no call when a setting is invalid', async () => {
    const fakes = makeFakes();
    fakes.secret = () => expect.unreachable('the token was read');
    await expect(register(fakes, { MaxConnections: '500' })).rejects.toThrow('got 500');
    expect(fakes.telegram.methods).toEqual([]);
  });

  it('leaves the existing webhook unchanged when the probe fails', async () => {
    const fakes = makeFakes();
    fakes.telegram.url = foreignUrl;
    fakes.endpoint = () => 500;
    await expect(register(fakes)).rejects.toThrow('answered the probe with 500');
    expect(fakes.telegram.set).toEqual([]);
    expect(fakes.telegram.url).toBe(foreignUrl);
  });

  it('fails when another process replaces or deletes the webhook before the verification', async () => {
    const fakes = makeFakes();
    fakes.telegram.afterSetWebhook = () => {
      fakes.telegram.url = foreignUrl;
    };
    await expect(register(fakes)).rejects.toThrow('getWebhookInfo showed a webhook at old.example');
    fakes.telegram.afterSetWebhook = () => {
      fakes.telegram.url = '';
    };
    await expect(register(fakes)).rejects.toThrow('getWebhookInfo showed no webhook');
  });

  it('retries while the permission to read the token propagates', async () => {
    const fakes = makeFakes();
    let denials = 2;
    fakes.secret = () => {
      if (denials-- > 0) throw new TokenUnavailableError('denied', 'denied');
      return fakes.token;
    };
    await expect(register(fakes)).resolves.toMatchObject({ botId });
  });
});

describe('registerWebhook when a call fails', () => {
  it.each([
    ['502', refusedWith(502, 'Bad Gateway')],
    ['a timeout', unreachable()],
    ['an interruption', refusedWith(409, 'Conflict: terminated by other setWebhook')],
    ['429', refusedWith(429, 'Too Many Requests', 30)],
    ['a failed look-up', refusedWith(400, 'Bad Request: bad webhook: Failed to resolve host: x')],
  ])('retries after %s', async (_fault, fault) => {
    const fakes = makeFakes();
    fakes.telegram.faults = {
      getWebhookInfo: [fault, undefined, fault],
      setWebhook: [fault, fault, fault],
    };
    await expect(register(fakes)).resolves.toMatchObject({ botId });
    expect(fakes.telegram.url).toBe(urlOf(fakes.token));
  });

  it('retries a look-up that fails for seven minutes', async () => {
    const fakes = makeFakes();
    const resolvesAt = fakes.clock.now() + 7 * 60_000;
    const failed = refusedWith(400, 'Bad Request: bad webhook: Failed to resolve host: x');
    fakes.telegram.faults.setWebhook = () => (fakes.clock.now() < resolvesAt ? failed : undefined);
    await expect(register(fakes)).resolves.toMatchObject({ botId });
  });

  it('stops in time to respond when Telegram stays unreachable', async () => {
    const fakes = makeFakes();
    const end = fakes.context().deadline;
    fakes.telegram.faults.setWebhook = () => unreachable('setWebhook');
    await expect(register(fakes)).rejects.toThrow('setWebhook: Telegram was not reached');
    expect(fakes.clock.now()).toBeLessThanOrEqual(end);
    expect(fakes.clock.now()).toBeGreaterThan(end - 5 * 60_000);
  });

  it('fails immediately when Telegram asks for more time than is left', async () => {
    const fakes = makeFakes();
    fakes.telegram.faults.setWebhook = [refusedWith(429, 'Too Many Requests', 3600)];
    await expect(register(fakes)).rejects.toMatchObject({ retryAfter: 3600 });
    expect(fakes.clock.slept).toBe(0);
  });

  it.each([
    refusedWith(401, 'Unauthorized'),
    refusedWith(404, 'Not Found'),
    refusedWith(400, 'Bad Request: invalid webhook URL specified'),
  ])('does not retry after a refusal: $message', async (refusal) => {
    const fakes = makeFakes();
    fakes.telegram.faults.setWebhook = [refusal];
    await expect(register(fakes)).rejects.toBe(refusal);
    expect(fakes.clock.slept).toBe(0);
  });
});

describe("registerWebhook on an update with another bot's token", () => {
  it('registers the other bot', async () => {
    const fakes = makeFakes();
    await expect(register(fakes, {}, otherBot)).resolves.toMatchObject({ botId });
  });

  it("obeys existingWebhook 'fail', because the other bot was never registered", async () => {
    const fakes = makeFakes();
    fakes.telegram.url = foreignUrl;
    const failure = register(fakes, { ExistingWebhook: 'fail' }, otherBot);
    await expect(failure).rejects.toThrow('already delivers to old.example');
  });

  it('undoes the registration when it fails', async () => {
    const fakes = makeFakes();
    fakes.telegram.faults.getWebhookInfo = [undefined, undefined, refusedWith(400, 'no')];
    await expect(register(fakes, {}, otherBot)).rejects.toThrow('400 no');
    expect(fakes.telegram.url).toBe('');
  });
});

describe('registerWebhook with pending updates', () => {
  const drop = { DropPendingUpdates: 'true' } as const;

  it('drops pending updates on a create that asks for it', async () => {
    const fakes = makeFakes();
    await expect(register(fakes, drop)).resolves.toMatchObject({ pendingUpdates: 0 });
  });

  it('keeps pending updates on a create that does not ask to drop them', async () => {
    const fakes = makeFakes();
    await expect(register(fakes)).resolves.toMatchObject({ pendingUpdates: 3 });
  });

  it.each([
    ['of the same bot', sameBot],
    ['with the token of another bot', otherBot],
  ])('keeps pending updates on an update %s', async (_what, previous) => {
    const fakes = makeFakes();
    await expect(register(fakes, drop, previous)).resolves.toMatchObject({ pendingUpdates: 3 });
  });

  it('keeps pending updates on a create that is delivered again', async () => {
    const fakes = makeFakes();
    fakes.telegram.url = urlOf(fakes.token);
    await expect(register(fakes, drop)).resolves.toMatchObject({ pendingUpdates: 3 });
  });

  it('does not drop updates again when only the response was lost', async () => {
    const fakes = makeFakes();
    fakes.telegram.faults.setWebhook = ['lost'];
    fakes.telegram.afterSetWebhook = () => {
      fakes.telegram.pending += 2;
    };
    await register(fakes, drop);
    expect(fakes.telegram.set.map((call) => call.drop_pending_updates)).toEqual([true, false]);
    expect(fakes.telegram.pending).toBe(4);
  });

  it('drops pending updates on the retry when the call itself was lost', async () => {
    const fakes = makeFakes();
    fakes.telegram.faults.setWebhook = [unreachable()];
    await register(fakes, drop);
    expect(fakes.telegram.pending).toBe(0);
  });
});

describe('registerWebhook when only the verification fails', () => {
  const afterSetWebhook = (fakes: Fakes, failure: Error) => () =>
    fakes.telegram.set.length > 0 ? failure : undefined;

  it('succeeds after a minute of retries, and reports why the webhook is unverified', async () => {
    const fakes = makeFakes();
    const started = fakes.clock.now();
    fakes.telegram.faults.getWebhookInfo = afterSetWebhook(fakes, unreachable('getWebhookInfo'));
    await expect(register(fakes)).resolves.toEqual({
      botId,
      replacedHost: '',
      unverified: 'getWebhookInfo: Telegram was not reached: connection lost',
    });
    expect(fakes.telegram.url).toBe(urlOf(fakes.token));
    expect(fakes.clock.now() - started).toBeLessThan(90_000);
  });

  it('fails when the token was revoked in the meantime', async () => {
    const fakes = makeFakes();
    fakes.telegram.faults.getWebhookInfo = afterSetWebhook(fakes, refusedWith(401, 'Unauthorized'));
    await expect(register(fakes)).rejects.toThrow('401');
  });
});

it('keeps the registration, at a new URL, when the same bot gets a new token', async () => {
  const fakes = makeFakes();
  await register(fakes);
  const previousUrl = fakes.telegram.url;
  fakes.token = fakeToken(7000000001, 'y');
  await expect(register(fakes, {}, sameBot)).resolves.toMatchObject({ botId, replacedHost: '' });
  expect(fakes.telegram.url).not.toBe(previousUrl);
});
