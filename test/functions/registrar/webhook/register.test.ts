import { describe, expect, it } from 'vitest';
import { TokenUnavailable } from '../../../../functions/bot-token/token-unavailable.ts';
import { webhookSecrets } from '../../../../functions/registrar/webhook/derive-secrets.ts';
import { fakeToken } from '../../../fixtures.ts';
import { makeCertificate } from '../../../sandbox/network/certificate.ts';
import {
  botId,
  elsewhere,
  makeWorld,
  properties,
  refused,
  register,
  sameBot,
  stackId,
  unreachable,
  urlOf,
} from '../fakes.ts';

const otherBot = { botId: '42', endpoint: properties.Endpoint };

describe('a registration', () => {
  it('checks, proves, sets and verifies, in this order', async () => {
    const world = makeWorld();
    const order: string[] = world.telegram.methods;
    world.secret = () => {
      order.push('token');
      return world.token;
    };
    world.endpoint = () => {
      order.push('probe');
      return 200;
    };
    await expect(register(world)).resolves.toEqual({ botId, replacedHost: '', pendingUpdates: 3 });
    expect(order).toEqual(['token', 'getWebhookInfo', 'probe', 'setWebhook', 'getWebhookInfo']);
    expect(world.telegram.url).toBe(urlOf(world.token));
  });

  it('says everything, so that what is deployed is what the code says', async () => {
    const world = makeWorld();
    await register(world);
    const { secret } = webhookSecrets(world.token, { stackId, address: properties.Address });
    expect(world.telegram.set).toEqual([
      {
        url: urlOf(world.token),
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
    const world = makeWorld();
    const pem = Buffer.from((await makeCertificate(['bot.example'])).certificate);
    const changes = {
      AllowedUpdates: ['message', 'chat_member'],
      MaxConnections: '3',
      IpAddress: '93.184.216.34',
      Certificate: pem.toString('base64'),
    };
    await register(world, changes);
    expect(world.telegram.set[0]).toMatchObject({
      allowed_updates: ['message', 'chat_member'],
      max_connections: 3,
      ip_address: '93.184.216.34',
      certificate: pem,
    });
    expect(world.probes[0]).toMatchObject({ ipAddress: '93.184.216.34', certificate: pem });
  });

  it('probes the very URL with the very secret that Telegram is given', async () => {
    const world = makeWorld();
    await register(world);
    expect(world.probes[0]?.url.href).toBe(world.telegram.set[0]?.url);
    expect(world.probes[0]?.secret).toBe(world.telegram.set[0]?.secret_token);
  });

  it('makes no call at all when a setting is wrong', async () => {
    const world = makeWorld();
    world.secret = () => expect.unreachable('the token was read');
    await expect(register(world, { MaxConnections: '500' })).rejects.toThrow('got 500');
    expect(world.telegram.methods).toEqual([]);
  });

  it('leaves the webhook that there is alone when the probe fails', async () => {
    const world = makeWorld();
    world.telegram.url = elsewhere;
    world.endpoint = () => 500;
    await expect(register(world)).rejects.toThrow('answered the probe with 500');
    expect(world.telegram.set).toEqual([]);
    expect(world.telegram.url).toBe(elsewhere);
  });

  it('fails when the webhook is not there afterwards', async () => {
    const world = makeWorld();
    world.telegram.afterwards = () => {
      world.telegram.url = elsewhere;
    };
    await expect(register(world)).rejects.toThrow('getWebhookInfo showed a webhook at old.example');
    world.telegram.afterwards = () => {
      world.telegram.url = '';
    };
    await expect(register(world)).rejects.toThrow('getWebhookInfo showed none');
  });

  it('waits while AWS makes the permission to read the token known', async () => {
    const world = makeWorld();
    let denials = 2;
    world.secret = () => {
      if (denials-- > 0) throw new TokenUnavailable('denied', 'denied');
      return world.token;
    };
    await expect(register(world)).resolves.toMatchObject({ botId });
  });
});

describe('Telegram in trouble', () => {
  it.each([
    ['502', refused(502, 'Bad Gateway')],
    ['a time-out', unreachable()],
    ['an interruption', refused(409, 'Conflict: terminated by other setWebhook')],
    ['429', refused(429, 'Too Many Requests', 30)],
    ['a failed look-up', refused(400, 'Bad Request: bad webhook: Failed to resolve host: x')],
  ])('with %s is waited for', async (_trouble, fault) => {
    const world = makeWorld();
    world.telegram.faults = {
      getWebhookInfo: [fault, undefined, fault],
      setWebhook: [fault, fault, fault],
    };
    await expect(register(world)).resolves.toMatchObject({ botId });
    expect(world.telegram.url).toBe(urlOf(world.token));
  });

  it('with a look-up that fails for seven minutes is waited for', async () => {
    const world = makeWorld();
    const healed = world.clock.now() + 7 * 60_000;
    const failed = refused(400, 'Bad Request: bad webhook: Failed to resolve host: x');
    world.telegram.faults.setWebhook = () => (world.clock.now() < healed ? failed : undefined);
    await expect(register(world)).resolves.toMatchObject({ botId });
  });

  it('for good is given up in time to answer', async () => {
    const world = makeWorld();
    const end = world.tools().deadline;
    world.telegram.faults.setWebhook = () => unreachable('setWebhook');
    await expect(register(world)).rejects.toThrow('setWebhook: Telegram was not reached');
    expect(world.clock.now()).toBeLessThanOrEqual(end);
    expect(world.clock.now()).toBeGreaterThan(end - 5 * 60_000);
  });

  it('is not waited for longer than there is time', async () => {
    const world = makeWorld();
    world.telegram.faults.setWebhook = [refused(429, 'Too Many Requests', 3600)];
    await expect(register(world)).rejects.toMatchObject({ retryAfter: 3600 });
    expect(world.clock.slept).toBe(0);
  });

  it.each([
    refused(401, 'Unauthorized'),
    refused(404, 'Not Found'),
    refused(400, 'Bad Request: invalid webhook URL specified'),
  ])('that is no trouble but a no ($message) is taken for an answer', async (no) => {
    const world = makeWorld();
    world.telegram.faults.setWebhook = [no];
    await expect(register(world)).rejects.toBe(no);
    expect(world.clock.slept).toBe(0);
  });
});

describe('a webhook that is there already', () => {
  it('is replaced, and its host reported', async () => {
    const world = makeWorld();
    world.telegram.url = elsewhere;
    await expect(register(world)).resolves.toMatchObject({ replacedHost: 'old.example' });
    expect(world.telegram.url).toBe(urlOf(world.token));
  });

  it('is left alone under the policy "fail", and only its host is shown', async () => {
    const world = makeWorld();
    world.telegram.url = elsewhere;
    const failure = register(world, { ExistingWebhook: 'fail' });
    await expect(failure).rejects.toThrow(
      "Bot 7000000001 already delivers to old.example, and existingWebhook is 'fail'. Take that " +
        "webhook down, or set existingWebhook to 'replace' to have it replaced, and deploy again.",
    );
    expect(world.telegram.url).toBe(elsewhere);
    expect(world.probes).toEqual([]);
  });

  it('is no obstacle when it is ours, as in a create that the framework repeats', async () => {
    const world = makeWorld();
    world.telegram.url = urlOf(world.token);
    await expect(register(world, { ExistingWebhook: 'fail' })).resolves.toMatchObject({
      replacedHost: '',
    });
  });

  it('is taken for foreign when it is another deployment on the same host', async () => {
    const world = makeWorld();
    world.telegram.url = `${properties.Endpoint}/another-path`;
    await expect(register(world, { ExistingWebhook: 'fail' })).rejects.toThrow(
      'already delivers to',
    );
  });

  it('is replaced by an update whatever the policy, since every deploy registers anew', async () => {
    const world = makeWorld();
    world.telegram.url = elsewhere;
    const registered = await register(world, { ExistingWebhook: 'fail' }, sameBot);
    expect(registered.replacedHost).toBe('old.example');
    expect(world.telegram.url).toBe(urlOf(world.token));
  });

  it.each([
    ['with the former token', `${properties.Endpoint}/former-path`, sameBot],
    [
      'at the former endpoint',
      'https://former.example/path',
      { botId, endpoint: 'https://former.example' },
    ],
  ])('is not reported as replaced by an update when it was ours %s', async (_what, url, former) => {
    const world = makeWorld();
    world.telegram.url = url;
    await expect(register(world, {}, former)).resolves.toMatchObject({ replacedHost: '' });
  });

  it('is told from one of ours by its whole host', async () => {
    const world = makeWorld();
    world.telegram.url = `${properties.Endpoint}.evil.example/x`;
    const host = new URL(world.telegram.url).host;
    await expect(register(world, {}, sameBot)).resolves.toMatchObject({ replacedHost: host });
  });
});

describe("an update with another bot's token", () => {
  it('is the registration of that bot', async () => {
    const world = makeWorld();
    await expect(register(world, {}, otherBot)).resolves.toMatchObject({ botId });
  });

  it('heeds the policy "fail", for that bot was never registered', async () => {
    const world = makeWorld();
    world.telegram.url = elsewhere;
    const failure = register(world, { ExistingWebhook: 'fail' }, otherBot);
    await expect(failure).rejects.toThrow('already delivers to old.example');
  });

  it('is taken back when it fails', async () => {
    const world = makeWorld();
    world.telegram.faults.getWebhookInfo = [undefined, refused(400, 'no')];
    await expect(register(world, {}, otherBot)).rejects.toThrow('400 no');
    expect(world.telegram.url).toBe('');
  });
});

describe('pending updates', () => {
  const drop = { DropPendingUpdates: 'true' } as const;

  it('are dropped by a create that asks for it', async () => {
    const world = makeWorld();
    await expect(register(world, drop)).resolves.toMatchObject({ pendingUpdates: 0 });
  });

  it('are kept by a create that does not', async () => {
    const world = makeWorld();
    await expect(register(world)).resolves.toMatchObject({ pendingUpdates: 3 });
  });

  it.each([
    ['of the same bot', sameBot],
    ['with another bot', otherBot],
  ])('are kept by an update %s', async (_what, former) => {
    const world = makeWorld();
    await expect(register(world, drop, former)).resolves.toMatchObject({ pendingUpdates: 3 });
  });

  it('are kept by a create that the framework repeats', async () => {
    const world = makeWorld();
    world.telegram.url = urlOf(world.token);
    await expect(register(world, drop)).resolves.toMatchObject({ pendingUpdates: 3 });
  });

  it('are not dropped again when only the answer was lost', async () => {
    const world = makeWorld();
    world.telegram.faults.setWebhook = ['lost'];
    world.telegram.afterwards = () => {
      world.telegram.pending += 2;
    };
    await register(world, drop);
    expect(world.telegram.set.map((call) => call.drop_pending_updates)).toEqual([true, false]);
    expect(world.telegram.pending).toBe(4);
  });

  it('are dropped by the repetition when the call itself was lost', async () => {
    const world = makeWorld();
    world.telegram.faults.setWebhook = [unreachable()];
    await register(world, drop);
    expect(world.telegram.pending).toBe(0);
  });
});

describe('a webhook that Telegram has accepted, and cannot be asked about', () => {
  const onlyOnce = (failure: Error) => {
    let asked = 0;
    return () => (asked++ > 0 ? failure : undefined);
  };

  it('is registered, after a minute of asking', async () => {
    const world = makeWorld();
    const started = world.clock.now();
    world.telegram.faults.getWebhookInfo = onlyOnce(unreachable('getWebhookInfo'));
    await expect(register(world)).resolves.toEqual({
      botId,
      replacedHost: '',
      unverified: 'getWebhookInfo: Telegram was not reached: connection lost',
    });
    expect(world.telegram.url).toBe(urlOf(world.token));
    expect(world.clock.now() - started).toBeLessThan(90_000);
  });

  it('fails when the token has been revoked meanwhile', async () => {
    const world = makeWorld();
    world.telegram.faults.getWebhookInfo = onlyOnce(refused(401, 'Unauthorized'));
    await expect(register(world)).rejects.toThrow('401');
  });
});

it('is the same registration for a new token of the same bot, at a new URL', async () => {
  const world = makeWorld();
  await register(world);
  const former = world.telegram.url;
  world.token = fakeToken(7000000001, 'y');
  await expect(register(world, {}, sameBot)).resolves.toMatchObject({ botId, replacedHost: '' });
  expect(world.telegram.url).not.toBe(former);
});
