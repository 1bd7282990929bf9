import { describe, expect, it } from 'vitest';
import { TokenUnavailableError } from '../../../functions/bot-token/errors.ts';
import { ResourceType } from '../../../functions/contract.ts';
import {
  createEvent,
  deleteEvent,
  type Fakes,
  failureOf,
  handle,
  makeFakes,
  properties,
  refusedWith,
  TWELVE_MINUTES,
  unreachable,
  updateEvent,
  urlOf,
} from './fakes.ts';

describe('a rollback', () => {
  /** Makes fakes of a stack that CloudFormation is rolling back. */
  function makeRollback(): Fakes {
    const fakes = makeFakes();
    fakes.status = () => 'UPDATE_ROLLBACK_IN_PROGRESS';
    return fakes;
  }

  const refuseAll = (fakes: Fakes) => {
    const refusal = () => refusedWith(401, 'Unauthorized');
    fakes.telegram.faults = { getMe: refusal, getWebhookInfo: refusal, setWebhook: refusal };
  };

  const faults: [string, (fakes: Fakes) => void][] = [
    ['Telegram refuses the token', refuseAll],
    [
      'Telegram is unreachable',
      (fakes) => {
        fakes.telegram.faults.getWebhookInfo = () => unreachable('getWebhookInfo');
      },
    ],
    [
      'setWebhook is rate-limited',
      (fakes) => {
        fakes.telegram.faults.setWebhook = () => refusedWith(429, 'Too Many Requests', 3600);
      },
    ],
    [
      'setWebhook is refused',
      (fakes) => {
        fakes.telegram.faults.setWebhook = () => refusedWith(400, 'Bad Request: no');
      },
    ],
    [
      'the endpoint fails',
      (fakes) => {
        fakes.endpoint = () => 404;
      },
    ],
    [
      'another process sets a webhook',
      (fakes) => {
        fakes.telegram.afterSetWebhook = () => {
          fakes.telegram.url = 'https://old.example/x';
        };
      },
    ],
    [
      'the registrar has a bug',
      (fakes) => {
        fakes.telegram.faults.getWebhookInfo = () => new TypeError('x is not a function');
      },
    ],
  ];

  it.each(faults)('succeeds with a warning when %s', async (_what, inject) => {
    const fakes = makeRollback();
    inject(fakes);
    await expect(handle(fakes, updateEvent(ResourceType.webhook))).resolves.toEqual({
      PhysicalResourceId: '7000000001',
      Data: { Link: 'https://t.me/test_bot', ReplacedHost: 'none' },
    });
    expect(fakes.lines.at(-1)).toMatchObject({
      level: 'warn',
      facts: { event: 'registrar.done', outcome: 'unfinished', because: expect.any(String) },
    });
  });

  it.each(faults)('is the only event that succeeds when %s', async (_what, inject) => {
    for (const status of [
      () => 'UPDATE_IN_PROGRESS',
      () => '',
      () => {
        throw Object.assign(new Error('not authorized'), { name: 'AccessDenied' });
      },
    ]) {
      const fakes = makeFakes();
      fakes.status = status;
      inject(fakes);
      const { message } = await failureOf(fakes, updateEvent(ResourceType.webhook));
      expect(message).not.toContain('cdk rollback');
    }
  });

  it.each([createEvent(ResourceType.webhook), deleteEvent(ResourceType.webhook)])(
    'is never a $RequestType, whatever the status of the stack is',
    async (event) => {
      const fakes = makeRollback();
      fakes.telegram.faults.getWebhookInfo = () => unreachable('getWebhookInfo');
      expect((await failureOf(fakes, event)).message).toContain('Telegram was not reached');
    },
  );

  it('is not recognized by an older stamp: an older assembly that fails is a failed deploy', async () => {
    const fakes = makeFakes();
    const stamped = (DeployStamp: string) => ({ ...properties, DeployStamp });
    fakes.endpoint = () => 404;
    const event = updateEvent(ResourceType.webhook, '42', stamped('2026-01'), stamped('2026-02'));
    expect((await failureOf(fakes, event)).message).toContain('answered the probe with 404');
  });

  it('returns an empty link when the username is unknown', async () => {
    const event = updateEvent(ResourceType.webhook, undefined, { ...properties, Username: '' });
    await expect(handle(makeRollback(), event)).resolves.toMatchObject({ Data: { Link: '' } });
  });

  it("leaves the previous bot registered when the secret now holds another bot's token", async () => {
    const fakes = makeRollback();
    fakes.endpoint = () => 404;
    const event = updateEvent(ResourceType.webhook, '42');
    await expect(handle(fakes, event)).resolves.toMatchObject({ PhysicalResourceId: '42' });
    expect(fakes.telegram.set).toEqual([]);
  });

  it("obeys existingWebhook 'fail' for another bot, and succeeds", async () => {
    const fakes = makeRollback();
    fakes.telegram.url = 'https://old.example/';
    const failing = { ...properties, ExistingWebhook: 'fail' };
    const event = updateEvent(ResourceType.webhook, '42', failing);
    await expect(handle(fakes, event)).resolves.toMatchObject({ PhysicalResourceId: '42' });
    expect(fakes.telegram.url).toBe('https://old.example/');
  });

  it('succeeds when the previous bot behind the queue is not ready', async () => {
    const fakes = makeRollback();
    fakes.bot = () => ({ errorType: 'Runtime.ExitError' });
    const arn = 'arn:aws:lambda:us-east-1:123456789012:function:bot';
    const event = updateEvent(ResourceType.readiness, arn, { BotFunction: arn });
    await expect(handle(fakes, event)).resolves.toMatchObject({ PhysicalResourceId: arn });
  });

  it('returns every attribute that a template reads, with a warning, when getMe fails', async () => {
    const fakes = makeRollback();
    refuseAll(fakes);
    await expect(handle(fakes, updateEvent(ResourceType.bot))).resolves.toEqual({
      PhysicalResourceId: '7000000001',
      NoEcho: true,
      Data: {
        BotId: '7000000001',
        Username: '',
        BotInfo: '',
        WebhookPath: expect.stringMatching(/^[\w-]{43}$/),
        WebhookPathSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        WebhookSecretSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    });
    expect(fakes.lines.at(-1)).toMatchObject({
      level: 'warn',
      facts: { outcome: 'unfinished', because: expect.stringContaining('401 Unauthorized') },
    });
  });

  it.each([ResourceType.bot, ResourceType.webhook])(
    'fails without the token, and names the command without which the stack refuses every deploy: %s',
    async (type) => {
      const hint = '\nBefore you deploy, finish the rollback:\ncdk rollback bot-dev';
      const fakes = makeRollback();
      fakes.secret = () => {
        throw new TokenUnavailableError('missing', 'The secret is gone.');
      };
      expect((await failureOf(fakes, updateEvent(type))).message).toContain(hint);
      fakes.status = () => 'UPDATE_IN_PROGRESS';
      expect((await failureOf(fakes, updateEvent(type))).message).not.toContain(hint);
    },
  );

  it('ends in time after Secrets Manager was out for long and the probe is slow', async () => {
    const fakes = makeRollback();
    const start = fakes.clock.now();
    fakes.secret = () => {
      if (fakes.clock.now() - start > 10 * 60_000) return fakes.token;
      fakes.clock.time += 10_000;
      throw new TokenUnavailableError('unreachable', 'silent');
    };
    fakes.endpoint = () => {
      fakes.clock.time += 35_000;
      return 200;
    };
    await handle(fakes, updateEvent(ResourceType.webhook));
    expect(fakes.clock.now() - start).toBeLessThan(TWELVE_MINUTES);
    expect(fakes.telegram.url).toBe(urlOf(fakes.token));
  });
});

it('says in the log that the status of the stack is unknown', async () => {
  const fakes = makeFakes();
  fakes.status = () => {
    throw Object.assign(new Error('User: arn:… is not authorized'), { name: 'AccessDenied' });
  };
  await handle(fakes, updateEvent(ResourceType.webhook));
  expect(fakes.lines[0]).toEqual({
    level: 'warn',
    facts: { event: 'registrar.status-unknown', because: 'AccessDenied' },
  });
});
