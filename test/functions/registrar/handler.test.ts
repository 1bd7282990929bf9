import { describe, expect, it } from 'vitest';
import { createSecretCommand } from '../../../functions/bot-token/commands.ts';
import { TokenUnavailableError } from '../../../functions/bot-token/errors.ts';
import { ResourceType } from '../../../functions/contract.ts';
import type { ResourceEvent } from '../../../functions/registrar/event.ts';
import { handleEvent } from '../../../functions/registrar/handler.ts';
import { TelegramRefusedError } from '../../../functions/telegram/errors.ts';
import {
  create,
  deletion,
  type Fakes,
  makeFakes,
  properties,
  refusedWith,
  unreachable,
  update,
  urlOf,
} from './fakes.ts';

const TWELVE_MINUTES = 12 * 60_000;

function serve(fakes: Fakes, event: ResourceEvent) {
  return handleEvent(event, TWELVE_MINUTES, fakes.services);
}

async function failureOf(fakes: Fakes, event: ResourceEvent): Promise<Error> {
  return serve(fakes, event).then(
    () => expect.unreachable('the event was served'),
    (error: Error) => error,
  );
}

describe('a Custom::TelegramBot', () => {
  it.each([create(ResourceType.bot), update(ResourceType.bot)])(
    'answers with the bot, unseen in logs, on $RequestType',
    async (event) => {
      const fakes = makeFakes();
      await expect(serve(fakes, event)).resolves.toMatchObject({
        PhysicalResourceId: '7000000001',
        NoEcho: true,
        Data: { BotId: '7000000001', Username: 'test_bot' },
      });
    },
  );

  it('asks nobody on Delete', async () => {
    const fakes = makeFakes();
    fakes.secret = () => expect.unreachable('the token was read');
    const event = deletion(ResourceType.bot, 'whatever', {});
    await expect(serve(fakes, event)).resolves.toEqual({ PhysicalResourceId: 'whatever' });
    expect(fakes.telegram.methods).toEqual([]);
  });
});

describe('a Custom::TelegramWebhook', () => {
  it('is registered on Create', async () => {
    const fakes = makeFakes();
    fakes.telegram.url = 'https://old.example/x';
    await expect(serve(fakes, create(ResourceType.webhook))).resolves.toEqual({
      PhysicalResourceId: '7000000001',
      Data: { ReplacedHost: 'old.example' },
    });
    expect(fakes.telegram.url).toBe(urlOf(fakes.token));
  });

  it('is registered anew on Update, as the same resource', async () => {
    const fakes = makeFakes();
    await expect(serve(fakes, update(ResourceType.webhook))).resolves.toMatchObject({
      PhysicalResourceId: '7000000001',
    });
    expect(fakes.telegram.url).toBe(urlOf(fakes.token));
  });

  it("becomes another resource on an Update with another bot's token", async () => {
    await expect(serve(makeFakes(), update(ResourceType.webhook, '42'))).resolves.toMatchObject({
      PhysicalResourceId: '7000000001',
    });
  });

  it('remembers its former endpoint on Update', async () => {
    const fakes = makeFakes();
    fakes.telegram.url = 'https://former.example/x';
    const former = { ...properties, Endpoint: 'https://former.example' };
    const event = update(ResourceType.webhook, '7000000001', properties, former);
    await expect(serve(fakes, event)).resolves.toMatchObject({ Data: { ReplacedHost: 'none' } });
  });

  it('keeps its id on Delete, whatever the token says', async () => {
    const fakes = makeFakes();
    await expect(serve(fakes, deletion(ResourceType.webhook, '42'))).resolves.toEqual({
      PhysicalResourceId: '42',
    });
  });

  it('is deleted with a warning that says what was left, and why', async () => {
    const fakes = makeFakes();
    await serve(fakes, deletion(ResourceType.webhook));
    expect(fakes.lines).toEqual([
      {
        level: 'warn',
        facts: expect.objectContaining({ outcome: 'left', because: 'the bot has no webhook' }),
      },
    ]);
  });
});

describe("a rollback, when the secret has got another bot's token meanwhile", () => {
  const stamped = (DeployStamp: string) => ({ ...properties, DeployStamp });
  const rollback = update(ResourceType.webhook, '42', stamped('2026-01'), stamped('2026-02'));

  it('leaves the webhook of the bot before to it, for the endpoint is its own again', async () => {
    const fakes = makeFakes();
    fakes.endpoint = () => 404;
    await expect(serve(fakes, rollback)).resolves.toMatchObject({ PhysicalResourceId: '42' });
    expect(fakes.telegram.set).toEqual([]);
    expect(fakes.lines.at(-1)).toMatchObject({
      level: 'warn',
      facts: { outcome: 'left', because: expect.stringContaining('token of bot 7000000001') },
    });
  });

  it('is not in the way of a foreign webhook that the other bot has', async () => {
    const fakes = makeFakes();
    fakes.telegram.url = 'https://old.example/';
    const failing = { ...rollback.ResourceProperties, ExistingWebhook: 'fail' };
    const event = { ...rollback, ResourceProperties: failing };
    await expect(serve(fakes, event)).resolves.toMatchObject({ PhysicalResourceId: '42' });
    expect(fakes.telegram.url).toBe('https://old.example/');
  });

  it.each([
    ['an update', update(ResourceType.webhook, '42', stamped('2026-03'), stamped('2026-02'))],
    ['an update without stamps', update(ResourceType.webhook, '42')],
  ])('and %s fails, for the other bot was to be registered', async (_what, event) => {
    const fakes = makeFakes();
    fakes.endpoint = () => 404;
    expect((await failureOf(fakes, event)).message).toContain('answered the probe with 404');
  });
});

describe('a rollback that fails', () => {
  const stamped = (DeployStamp: string) => ({ ...properties, DeployStamp });

  it.each([ResourceType.bot, ResourceType.webhook])(
    'names the command without which the stack takes no deploy any more: %s',
    async (type) => {
      const fakes = makeFakes();
      fakes.telegram.faults = {
        getMe: () => refusedWith(401, 'Unauthorized'),
        getWebhookInfo: () => refusedWith(401, 'Unauthorized'),
      };
      const rollback = update(type, undefined, stamped('2026-01'), stamped('2026-02'));
      const deploy = update(type, undefined, stamped('2026-02'), stamped('2026-01'));
      const way = 'Before you deploy, finish the rollback: cdk rollback bot-dev';
      expect((await failureOf(fakes, rollback)).message).toContain(way);
      expect((await failureOf(fakes, deploy)).message).not.toContain(way);
    },
  );
});

describe('the Delete of a resource type that an earlier version of the kit deployed', () => {
  it('succeeds, so that the update which removes it succeeds', async () => {
    const fakes = makeFakes();
    const event = deletion('Custom::TelegramBotProof', 'some-id');
    await expect(handleEvent(event, 12 * 60_000, fakes.services)).resolves.toEqual({
      PhysicalResourceId: 'some-id',
    });
    expect(fakes.telegram.methods).toEqual([]);
  });
});

describe('an event that cannot be served', () => {
  it('is of an unknown type', async () => {
    expect((await failureOf(makeFakes(), create('Custom::Other'))).message).toBe(
      'The registrar handles Custom::TelegramBot, Custom::TelegramBotReadiness, Custom::TelegramWebhook, not Custom::Other. ' +
        'Use the constructs of the kit, and deploy again.',
    );
  });

  it.each([ResourceType.bot, ResourceType.webhook])('lacks properties: %s', async (type) => {
    const { message } = await failureOf(makeFakes(), create(type, { Address: 'c8' }));
    expect(message).toContain(`${type} needs TokenSecret, ApiRoot`);
  });

  it('lacks properties on Update', async () => {
    const event = update(ResourceType.webhook, '7000000001', {
      ...properties,
      Endpoint: undefined,
    });
    expect((await failureOf(makeFakes(), event)).message).toContain('needs Endpoint as text');
  });

  it('lacks the list of update types', async () => {
    const event = create(ResourceType.webhook, { ...properties, AllowedUpdates: undefined });
    const { message } = await failureOf(makeFakes(), event);
    expect(message).toContain('needs AllowedUpdates as a list');
  });
});

describe('the reason of a failure', () => {
  it('is one line, and the whole of the stack, for that is what the framework shows', async () => {
    const fakes = makeFakes();
    fakes.secret = () => {
      throw new TokenUnavailableError('missing', 'first\n  second');
    };
    const { message, stack } = await failureOf(fakes, create(ResourceType.bot));
    expect(message).toBe('first second');
    expect(stack).toBe(message);
  });

  it('fits into an answer to CloudFormation', async () => {
    const fakes = makeFakes();
    fakes.telegram.faults.getMe = [new TelegramRefusedError('getMe', 400, 'x'.repeat(100_000))];
    const { message } = await failureOf(fakes, create(ResourceType.bot));
    expect(message.length).toBeLessThanOrEqual(1000);
  });

  it('holds the command that makes a missing secret', async () => {
    const fakes = makeFakes();
    const command = createSecretCommand('telegram/dev/bot-token');
    fakes.secret = () => {
      throw new TokenUnavailableError('missing', `Make it: ${command}`);
    };
    expect((await failureOf(fakes, create(ResourceType.bot))).message).toMatch(
      /file:\/\/\/dev\/stdin$/,
    );
  });

  it('says what was refused, where, and what to do about a bad token', async () => {
    const fakes = makeFakes();
    fakes.telegram.faults.getMe = [new TelegramRefusedError('getMe', 401, 'Unauthorized')];
    expect((await failureOf(fakes, create(ResourceType.bot))).message).toBe(
      'getMe: Telegram refused with 401 Unauthorized. The token in secret telegram/dev/bot-token is ' +
        'unknown or revoked at https://api.telegram.org: get a new one from @BotFather, store it, and ' +
        'deploy again. To store it (paste the token, press Enter, then Ctrl-D): aws secretsmanager ' +
        'put-secret-value --secret-id telegram/dev/bot-token --secret-string file:///dev/stdin',
    );
  });

  it.each<[Error, string]>([
    [refusedWith(404, 'Not Found'), 'get a new one from @BotFather'],
    [refusedWith(400, 'Logged out'), 'The bot has moved from https://api.telegram.org'],
    [refusedWith(429, 'Too Many Requests', 4000), 'Wait 4000 seconds, then deploy again.'],
    [refusedWith(409, 'Conflict: terminated by other setWebhook'), 'Another process keeps setting'],
    [
      refusedWith(400, 'bad webhook: Failed to resolve host: x'),
      'keeps a failed look-up for 5 minutes',
    ],
    [refusedWith(500, 'Internal Server Error'), "Telegram's API returned 500: wait a few minutes"],
    [
      refusedWith(400, 'Bad Request: something'),
      "Correct the webhook's settings, and deploy again.",
    ],
    [
      unreachable('setWebhook'),
      'Make sure that https://api.telegram.org is a Bot API server that answers',
    ],
  ])('says what to do about $message', async (fault, cure) => {
    const fakes = makeFakes();
    fakes.telegram.faults.setWebhook = () => fault;
    const { message } = await failureOf(fakes, create(ResourceType.webhook));
    expect(message).toContain(`${fault.message}. `);
    expect(message).toContain(cure);
  });

  it('says how to go on with a destroy that Telegram held up, and how without Telegram', async () => {
    const fakes = makeFakes();
    fakes.telegram.faults.getWebhookInfo = () => unreachable('getWebhookInfo');
    const { message } = await failureOf(fakes, deletion(ResourceType.webhook));
    expect(message).toContain(
      'run `cdk destroy` again; or delete the stack and keep the webhook: ',
    );
    expect(message).toMatch(
      /aws cloudformation delete-stack --stack-name bot-dev --retain-resources BotRegistration1A2B3C4D$/,
    );
  });

  it('says the same about Secrets Manager', async () => {
    const fakes = makeFakes();
    fakes.secret = () => {
      throw new TokenUnavailableError('unreachable', 'Secrets Manager is silent.');
    };
    const { message } = await failureOf(fakes, deletion(ResourceType.webhook));
    expect(message).toContain('Secrets Manager is silent. Wait, then run `cdk destroy` again');
  });

  it('points to the log, with a trace there, when nobody foresaw it', async () => {
    const fakes = makeFakes();
    fakes.telegram.faults.getMe = [new TypeError('x is not a function')];
    const { message } = await failureOf(fakes, create(ResourceType.bot));
    expect(message).toBe(
      'The registrar failed unexpectedly with TypeError: x is not a function. Its log has the stack trace.',
    );
    expect(fakes.lines.at(-1)?.facts.stack).toContain('handler.test.ts');
  });
});

it('says so when what a failed create had set may be left behind', async () => {
  const fakes = makeFakes();
  fakes.telegram.faults.getWebhookInfo = () =>
    fakes.telegram.set.length > 0 ? refusedWith(401, 'Unauthorized') : undefined;
  const { message } = await failureOf(fakes, create(ResourceType.webhook));
  expect(message).toMatch(
    /^A webhook at abc123.*may be orphaned.*the next deploy replaces it\. .*401 Unauthorized/,
  );
});

describe('the log', () => {
  it('has one line for an event that was served', async () => {
    const fakes = makeFakes();
    await serve(fakes, create(ResourceType.webhook));
    expect(fakes.lines).toEqual([
      {
        level: 'info',
        facts: {
          event: 'registrar.done',
          request: 'Create',
          resource: 'Custom::TelegramWebhook',
          logicalId: 'BotRegistration1A2B3C4D',
          retries: 0,
          durationMs: 0,
          outcome: 'registered',
          botId: '7000000001',
          replacedHost: '',
          pendingUpdates: 3,
        },
      },
    ]);
  });

  it('has a line for every retry, with why and for how long', async () => {
    const fakes = makeFakes();
    fakes.telegram.faults.getMe = [refusedWith(429, 'Too Many Requests', 7)];
    await serve(fakes, create(ResourceType.bot));
    expect(fakes.lines).toMatchObject([
      {
        level: 'warn',
        facts: {
          event: 'registrar.retry',
          because: 'setWebhook: Telegram refused with 429 Too Many Requests',
          waitMs: 7000,
        },
      },
      { level: 'info', facts: { event: 'registrar.done', retries: 1, durationMs: 7000 } },
    ]);
  });

  it('has the reason of a failure, without a trace where that says all', async () => {
    const fakes = makeFakes();
    fakes.endpoint = () => 302;
    const { message } = await failureOf(fakes, create(ResourceType.webhook));
    const line = fakes.lines.at(-1);
    expect(line).toMatchObject({
      level: 'error',
      facts: { event: 'registrar.failed', because: message },
    });
    expect(line?.facts).not.toHaveProperty('stack');
  });
});
