import { describe, expect, it } from 'vitest';
import { TokenUnavailableError } from '../../../../functions/bot-token/errors.ts';
import { deriveWebhookSecrets } from '../../../../functions/registrar/webhook/derive-secrets.ts';
import { fakeToken, makeCertificate } from '../../../sandbox/index.ts';
import {
  botId,
  elsewhere,
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

describe('a registration', () => {
  it('checks, proves, sets and verifies, in this order', async () => {
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
    expect(order).toEqual(['token', 'getWebhookInfo', 'probe', 'setWebhook', 'getWebhookInfo']);
    expect(fakes.telegram.url).toBe(urlOf(fakes.token));
  });

  it('says everything, so that what is deployed is what the code says', async () => {
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

  it('hands on every setting', async () => {
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

  it('probes the very URL with the very secret that Telegram is given', async () => {
    const fakes = makeFakes();
    await register(fakes);
    expect(fakes.probes[0]?.url.href).toBe(fakes.telegram.set[0]?.url);
    expect(fakes.probes[0]?.secret).toBe(fakes.telegram.set[0]?.secret_token);
  });

  it('makes no call at all when a setting is wrong', async () => {
    const fakes = makeFakes();
    fakes.secret = () => expect.unreachable('the token was read');
    await expect(register(fakes, { MaxConnections: '500' })).rejects.toThrow('got 500');
    expect(fakes.telegram.methods).toEqual([]);
  });

  it('leaves the webhook that there is alone when the probe fails', async () => {
    const fakes = makeFakes();
    fakes.telegram.url = elsewhere;
    fakes.endpoint = () => 500;
    await expect(register(fakes)).rejects.toThrow('answered the probe with 500');
    expect(fakes.telegram.set).toEqual([]);
    expect(fakes.telegram.url).toBe(elsewhere);
  });

  it('fails when the webhook is not there afterwards', async () => {
    const fakes = makeFakes();
    fakes.telegram.afterwards = () => {
      fakes.telegram.url = elsewhere;
    };
    await expect(register(fakes)).rejects.toThrow('getWebhookInfo showed a webhook at old.example');
    fakes.telegram.afterwards = () => {
      fakes.telegram.url = '';
    };
    await expect(register(fakes)).rejects.toThrow('getWebhookInfo showed no webhook');
  });

  it('waits while AWS makes the permission to read the token known', async () => {
    const fakes = makeFakes();
    let denials = 2;
    fakes.secret = () => {
      if (denials-- > 0) throw new TokenUnavailableError('denied', 'denied');
      return fakes.token;
    };
    await expect(register(fakes)).resolves.toMatchObject({ botId });
  });
});

describe('Telegram in trouble', () => {
  it.each([
    ['502', refusedWith(502, 'Bad Gateway')],
    ['a time-out', unreachable()],
    ['an interruption', refusedWith(409, 'Conflict: terminated by other setWebhook')],
    ['429', refusedWith(429, 'Too Many Requests', 30)],
    ['a failed look-up', refusedWith(400, 'Bad Request: bad webhook: Failed to resolve host: x')],
  ])('with %s is waited for', async (_trouble, fault) => {
    const fakes = makeFakes();
    fakes.telegram.faults = {
      getWebhookInfo: [fault, undefined, fault],
      setWebhook: [fault, fault, fault],
    };
    await expect(register(fakes)).resolves.toMatchObject({ botId });
    expect(fakes.telegram.url).toBe(urlOf(fakes.token));
  });

  it('with a look-up that fails for seven minutes is waited for', async () => {
    const fakes = makeFakes();
    const healed = fakes.clock.now() + 7 * 60_000;
    const failed = refusedWith(400, 'Bad Request: bad webhook: Failed to resolve host: x');
    fakes.telegram.faults.setWebhook = () => (fakes.clock.now() < healed ? failed : undefined);
    await expect(register(fakes)).resolves.toMatchObject({ botId });
  });

  it('for good is given up in time to answer', async () => {
    const fakes = makeFakes();
    const end = fakes.context().deadline;
    fakes.telegram.faults.setWebhook = () => unreachable('setWebhook');
    await expect(register(fakes)).rejects.toThrow('setWebhook: Telegram was not reached');
    expect(fakes.clock.now()).toBeLessThanOrEqual(end);
    expect(fakes.clock.now()).toBeGreaterThan(end - 5 * 60_000);
  });

  it('is not waited for longer than there is time', async () => {
    const fakes = makeFakes();
    fakes.telegram.faults.setWebhook = [refusedWith(429, 'Too Many Requests', 3600)];
    await expect(register(fakes)).rejects.toMatchObject({ retryAfter: 3600 });
    expect(fakes.clock.slept).toBe(0);
  });

  it.each([
    refusedWith(401, 'Unauthorized'),
    refusedWith(404, 'Not Found'),
    refusedWith(400, 'Bad Request: invalid webhook URL specified'),
  ])('that is no trouble but a no ($message) is taken for an answer', async (no) => {
    const fakes = makeFakes();
    fakes.telegram.faults.setWebhook = [no];
    await expect(register(fakes)).rejects.toBe(no);
    expect(fakes.clock.slept).toBe(0);
  });
});

describe('a webhook that is there already', () => {
  it('is replaced, and its host reported', async () => {
    const fakes = makeFakes();
    fakes.telegram.url = elsewhere;
    await expect(register(fakes)).resolves.toMatchObject({ replacedHost: 'old.example' });
    expect(fakes.telegram.url).toBe(urlOf(fakes.token));
  });

  it('is left alone under the policy "fail", and only its host is shown', async () => {
    const fakes = makeFakes();
    fakes.telegram.url = elsewhere;
    const failure = register(fakes, { ExistingWebhook: 'fail' });
    await expect(failure).rejects.toThrow(
      "Bot 7000000001 already delivers to old.example, and existingWebhook is 'fail'. Remove " +
        "that webhook, or set existingWebhook to 'replace' to take it over, and deploy again.",
    );
    expect(fakes.telegram.url).toBe(elsewhere);
    expect(fakes.probes).toEqual([]);
  });

  it('is no obstacle when it is ours, as in a create that the framework repeats', async () => {
    const fakes = makeFakes();
    fakes.telegram.url = urlOf(fakes.token);
    await expect(register(fakes, { ExistingWebhook: 'fail' })).resolves.toMatchObject({
      replacedHost: '',
    });
  });

  it('is taken for foreign when it is another deployment on the same host', async () => {
    const fakes = makeFakes();
    fakes.telegram.url = `${properties.Endpoint}/another-path`;
    await expect(register(fakes, { ExistingWebhook: 'fail' })).rejects.toThrow(
      'already delivers to',
    );
  });

  it('is replaced by an update whatever the policy, since every deploy registers anew', async () => {
    const fakes = makeFakes();
    fakes.telegram.url = elsewhere;
    const registered = await register(fakes, { ExistingWebhook: 'fail' }, sameBot);
    expect(registered.replacedHost).toBe('old.example');
    expect(fakes.telegram.url).toBe(urlOf(fakes.token));
  });

  it.each([
    ['with the former token', `${properties.Endpoint}/former-path`, sameBot],
    [
      'at the former endpoint',
      'https://former.example/path',
      { botId, endpoint: 'https://former.example' },
    ],
  ])('is not reported as replaced by an update when it was ours %s', async (_what, url, former) => {
    const fakes = makeFakes();
    fakes.telegram.url = url;
    await expect(register(fakes, {}, former)).resolves.toMatchObject({ replacedHost: '' });
  });

  it('is told from one of ours by its whole host', async () => {
    const fakes = makeFakes();
    fakes.telegram.url = `${properties.Endpoint}.evil.example/x`;
    const host = new URL(fakes.telegram.url).host;
    await expect(register(fakes, {}, sameBot)).resolves.toMatchObject({ replacedHost: host });
  });
});

describe("an update with another bot's token", () => {
  it('is the registration of that bot', async () => {
    const fakes = makeFakes();
    await expect(register(fakes, {}, otherBot)).resolves.toMatchObject({ botId });
  });

  it('heeds the policy "fail", for that bot was never registered', async () => {
    const fakes = makeFakes();
    fakes.telegram.url = elsewhere;
    const failure = register(fakes, { ExistingWebhook: 'fail' }, otherBot);
    await expect(failure).rejects.toThrow('already delivers to old.example');
  });

  it('is taken back when it fails', async () => {
    const fakes = makeFakes();
    fakes.telegram.faults.getWebhookInfo = [undefined, refusedWith(400, 'no')];
    await expect(register(fakes, {}, otherBot)).rejects.toThrow('400 no');
    expect(fakes.telegram.url).toBe('');
  });
});

describe('pending updates', () => {
  const drop = { DropPendingUpdates: 'true' } as const;

  it('are dropped by a create that asks for it', async () => {
    const fakes = makeFakes();
    await expect(register(fakes, drop)).resolves.toMatchObject({ pendingUpdates: 0 });
  });

  it('are kept by a create that does not', async () => {
    const fakes = makeFakes();
    await expect(register(fakes)).resolves.toMatchObject({ pendingUpdates: 3 });
  });

  it.each([
    ['of the same bot', sameBot],
    ['with another bot', otherBot],
  ])('are kept by an update %s', async (_what, former) => {
    const fakes = makeFakes();
    await expect(register(fakes, drop, former)).resolves.toMatchObject({ pendingUpdates: 3 });
  });

  it('are kept by a create that the framework repeats', async () => {
    const fakes = makeFakes();
    fakes.telegram.url = urlOf(fakes.token);
    await expect(register(fakes, drop)).resolves.toMatchObject({ pendingUpdates: 3 });
  });

  it('are not dropped again when only the answer was lost', async () => {
    const fakes = makeFakes();
    fakes.telegram.faults.setWebhook = ['lost'];
    fakes.telegram.afterwards = () => {
      fakes.telegram.pending += 2;
    };
    await register(fakes, drop);
    expect(fakes.telegram.set.map((call) => call.drop_pending_updates)).toEqual([true, false]);
    expect(fakes.telegram.pending).toBe(4);
  });

  it('are dropped by the repetition when the call itself was lost', async () => {
    const fakes = makeFakes();
    fakes.telegram.faults.setWebhook = [unreachable()];
    await register(fakes, drop);
    expect(fakes.telegram.pending).toBe(0);
  });
});

describe('a webhook that Telegram has accepted, and cannot be asked about', () => {
  const onlyOnce = (failure: Error) => {
    let asked = 0;
    return () => (asked++ > 0 ? failure : undefined);
  };

  it('is registered, after a minute of asking', async () => {
    const fakes = makeFakes();
    const started = fakes.clock.now();
    fakes.telegram.faults.getWebhookInfo = onlyOnce(unreachable('getWebhookInfo'));
    await expect(register(fakes)).resolves.toEqual({
      botId,
      replacedHost: '',
      unverified: 'getWebhookInfo: Telegram was not reached: connection lost',
    });
    expect(fakes.telegram.url).toBe(urlOf(fakes.token));
    expect(fakes.clock.now() - started).toBeLessThan(90_000);
  });

  it('fails when the token has been revoked meanwhile', async () => {
    const fakes = makeFakes();
    fakes.telegram.faults.getWebhookInfo = onlyOnce(refusedWith(401, 'Unauthorized'));
    await expect(register(fakes)).rejects.toThrow('401');
  });
});

it('is the same registration for a new token of the same bot, at a new URL', async () => {
  const fakes = makeFakes();
  await register(fakes);
  const former = fakes.telegram.url;
  fakes.token = fakeToken(7000000001, 'y');
  await expect(register(fakes, {}, sameBot)).resolves.toMatchObject({ botId, replacedHost: '' });
  expect(fakes.telegram.url).not.toBe(former);
});
