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

const otherBot = { botId: '42', endpoint: properties.Endpoint };

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

describe('registerWebhook when the bot has a webhook', () => {
  it('replaces the webhook, and reports its host', async () => {
    const fakes = makeFakes();
    fakes.telegram.url = foreignUrl;
    await expect(register(fakes)).resolves.toMatchObject({ replacedHost: 'old.example' });
    expect(fakes.telegram.url).toBe(urlOf(fakes.token));
  });

  it("leaves the webhook unchanged with existingWebhook 'fail', and shows only its host", async () => {
    const fakes = makeFakes();
    fakes.telegram.url = foreignUrl;
    const failure = register(fakes, { ExistingWebhook: 'fail' });
    await expect(failure).rejects.toThrow(
      "Bot 7000000001 already delivers to old.example, and existingWebhook is 'fail'. Remove " +
        "that webhook, or set existingWebhook to 'replace' to take it over, and deploy again.",
    );
    expect(fakes.telegram.url).toBe(foreignUrl);
    expect(fakes.probes).toEqual([]);
  });

  it("accepts its own webhook with existingWebhook 'fail', as when a create is delivered again", async () => {
    const fakes = makeFakes();
    fakes.telegram.url = urlOf(fakes.token);
    await expect(register(fakes, { ExistingWebhook: 'fail' })).resolves.toMatchObject({
      replacedHost: '',
    });
  });

  it('treats the webhook of another deployment on the same host as foreign', async () => {
    const fakes = makeFakes();
    fakes.telegram.url = `${properties.Endpoint}/another-path`;
    await expect(register(fakes, { ExistingWebhook: 'fail' })).rejects.toThrow(
      'already delivers to',
    );
  });

  it("replaces the webhook on an update even with existingWebhook 'fail'", async () => {
    const fakes = makeFakes();
    fakes.telegram.url = foreignUrl;
    const registered = await register(fakes, { ExistingWebhook: 'fail' }, sameBot);
    expect(registered.replacedHost).toBe('old.example');
    expect(fakes.telegram.url).toBe(urlOf(fakes.token));
  });

  it.each([
    ['with the previous token', `${properties.Endpoint}/previous-path`, sameBot],
    [
      'at the previous endpoint',
      'https://previous.example/path',
      { botId, endpoint: 'https://previous.example' },
    ],
  ])('does not report its own webhook %s as replaced', async (_what, url, previous) => {
    const fakes = makeFakes();
    fakes.telegram.url = url;
    await expect(register(fakes, {}, previous)).resolves.toMatchObject({ replacedHost: '' });
  });

  it('recognizes its own webhook by the whole host', async () => {
    const fakes = makeFakes();
    fakes.telegram.url = `${properties.Endpoint}.evil.example/x`;
    const host = new URL(fakes.telegram.url).host;
    await expect(register(fakes, {}, sameBot)).resolves.toMatchObject({ replacedHost: host });
  });
});

describe('registerWebhook when another process sets a webhook in the meantime', () => {
  /** Makes fakes whose probe takes minutes, in which another process sets a webhook. */
  function makeContested() {
    const fakes = makeFakes();
    fakes.endpoint = () => {
      fakes.telegram.url = foreignUrl;
      return 200;
    };
    return fakes;
  }

  it("leaves that webhook unchanged with existingWebhook 'fail'", async () => {
    const fakes = makeContested();
    await expect(register(fakes, { ExistingWebhook: 'fail' })).rejects.toThrow(
      "Bot 7000000001 already delivers to old.example, and existingWebhook is 'fail'. Remove ",
    );
    expect(fakes.telegram.set).toEqual([]);
    expect(fakes.telegram.url).toBe(foreignUrl);
  });

  it("leaves it unchanged with existingWebhook 'fail' when it appears between two attempts", async () => {
    const fakes = makeFakes();
    fakes.telegram.faults.setWebhook = () => {
      fakes.telegram.url = foreignUrl;
      return refusedWith(502, 'Bad Gateway');
    };
    await expect(register(fakes, { ExistingWebhook: 'fail' })).rejects.toThrow(
      'already delivers to old.example',
    );
    expect(fakes.telegram.url).toBe(foreignUrl);
  });

  it('reports the host that it replaced, and not the one that it saw first', async () => {
    const fakes = makeContested();
    fakes.telegram.url = 'https://first.example/x';
    await expect(register(fakes)).resolves.toMatchObject({ replacedHost: 'old.example' });
  });

  it('reports no host when the webhook that it saw first is gone', async () => {
    const fakes = makeFakes();
    fakes.telegram.url = foreignUrl;
    fakes.endpoint = () => {
      fakes.telegram.url = '';
      return 200;
    };
    await expect(register(fakes)).resolves.toMatchObject({ replacedHost: '' });
  });

  it('reports the host that it replaced when only the response was lost', async () => {
    const fakes = makeFakes();
    fakes.telegram.url = foreignUrl;
    fakes.telegram.faults.setWebhook = ['lost'];
    await expect(register(fakes)).resolves.toMatchObject({ replacedHost: 'old.example' });
  });

  it('names no orphaned webhook when it has set none and Telegram then fails', async () => {
    const fakes = makeContested();
    let looks = 0;
    fakes.telegram.faults.getWebhookInfo = () =>
      ++looks > 2 ? unreachable('getWebhookInfo') : undefined;
    await expect(register(fakes, { ExistingWebhook: 'fail' })).rejects.toThrow(
      'already delivers to old.example',
    );
  });

  it.each(['at the same pace', 'one behind the other'])(
    "lets one of two simultaneous first deploys with existingWebhook 'fail' win: %s",
    async (pace) => {
      const fakes = makeFakes();
      const deploy = (host: string) =>
        register(fakes, { ExistingWebhook: 'fail', Endpoint: `https://${host}` });
      const first = deploy('one.example');
      let probes = 0;
      const waits = pace === 'one behind the other';
      fakes.endpoint = () => (++probes > 1 && waits ? first.then(() => 200) : 200);
      const results = await Promise.allSettled([first, deploy('two.example')]);
      const failures = results.filter((result) => result.status === 'rejected');
      expect(failures).toHaveLength(1);
      const { host } = new URL(fakes.telegram.url);
      expect(String(failures[0]?.reason)).toContain(host);
    },
  );
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
