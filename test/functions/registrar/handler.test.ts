import { describe, expect, it } from 'vitest';
import { storeTokenCommand } from '../../../functions/bot-token/commands.ts';
import { TokenUnavailableError } from '../../../functions/bot-token/errors.ts';
import { ResourceType } from '../../../functions/contract.ts';
import { handleEvent } from '../../../functions/registrar/handler.ts';
import { ATTEMPT_MS } from '../../../functions/registrar/retry/time-budget.ts';
import { TelegramRefusedError } from '../../../functions/telegram/errors.ts';
import {
  createEvent,
  deleteEvent,
  failureOf,
  handle,
  makeFakes,
  properties,
  refusedWith,
  unreachable,
  updateEvent,
  urlOf,
} from './fakes.ts';

describe('Custom::TelegramBot', () => {
  it.each([createEvent(ResourceType.bot), updateEvent(ResourceType.bot)])(
    'returns the bot, hidden from logs, on $RequestType',
    async (event) => {
      const fakes = makeFakes();
      await expect(handle(fakes, event)).resolves.toMatchObject({
        PhysicalResourceId: '7000000001',
        NoEcho: true,
        Data: { BotId: '7000000001', Username: 'test_bot' },
      });
    },
  );

  it('makes no call on Delete', async () => {
    const fakes = makeFakes();
    fakes.secret = () => expect.unreachable('the token was read');
    const event = deleteEvent(ResourceType.bot, 'any-id', {});
    await expect(handle(fakes, event)).resolves.toEqual({ PhysicalResourceId: 'any-id' });
    expect(fakes.telegram.methods).toEqual([]);
  });
});

describe('Custom::TelegramWebhook', () => {
  it('registers the webhook on Create', async () => {
    const fakes = makeFakes();
    fakes.telegram.url = 'https://old.example/x';
    await expect(handle(fakes, createEvent(ResourceType.webhook))).resolves.toEqual({
      PhysicalResourceId: '7000000001',
      Data: { Link: 'https://t.me/test_bot', ReplacedHost: 'old.example' },
    });
    expect(fakes.telegram.url).toBe(urlOf(fakes.token));
  });

  it('registers the webhook again on Update, as the same resource', async () => {
    const fakes = makeFakes();
    await expect(handle(fakes, updateEvent(ResourceType.webhook))).resolves.toMatchObject({
      PhysicalResourceId: '7000000001',
    });
    expect(fakes.telegram.url).toBe(urlOf(fakes.token));
  });

  it("becomes another resource on an Update with another bot's token", async () => {
    await expect(
      handle(makeFakes(), updateEvent(ResourceType.webhook, '42')),
    ).resolves.toMatchObject({
      PhysicalResourceId: '7000000001',
    });
  });

  it('recognizes its previous endpoint on Update', async () => {
    const fakes = makeFakes();
    fakes.telegram.url = 'https://previous.example/x';
    const previous = { ...properties, Endpoint: 'https://previous.example' };
    const event = updateEvent(ResourceType.webhook, '7000000001', properties, previous);
    await expect(handle(fakes, event)).resolves.toMatchObject({ Data: { ReplacedHost: 'none' } });
  });

  it('keeps its id on Delete, whatever bot the token belongs to', async () => {
    const fakes = makeFakes();
    await expect(handle(fakes, deleteEvent(ResourceType.webhook, '42'))).resolves.toEqual({
      PhysicalResourceId: '42',
    });
  });

  it('logs a warning on Delete that says what was left, and why', async () => {
    const fakes = makeFakes();
    await handle(fakes, deleteEvent(ResourceType.webhook));
    expect(fakes.lines).toEqual([
      {
        level: 'warn',
        facts: expect.objectContaining({ outcome: 'left', because: 'the bot has no webhook' }),
      },
    ]);
  });
});

describe("a bot of Telegram's test environment", () => {
  const inTest = { ...properties, TelegramEnvironment: 'test' };
  const events = [
    createEvent(ResourceType.bot, inTest),
    createEvent(ResourceType.webhook, inTest),
    deleteEvent(ResourceType.webhook, undefined, inTest),
  ];

  it.each(events)('is looked up there: $RequestType of $ResourceType', async (event) => {
    const fakes = makeFakes();
    await handle(fakes, event);
    const address = { apiRoot: 'https://api.telegram.org', environment: 'test' };
    expect(fakes.addresses).toEqual([expect.objectContaining(address)]);
  });

  it('is named in the reason of a failure', async () => {
    const fakes = makeFakes();
    fakes.telegram.faults.getMe = [refusedWith(401, 'Unauthorized')];
    const { message } = await failureOf(fakes, createEvent(ResourceType.bot, inTest));
    expect(message).toContain(
      'is unknown or revoked at the test environment of https://api.telegram.org: get a new one',
    );
  });
});

describe('a resource type that only an earlier version of the kit has', () => {
  it('succeeds on Delete, so that the update that removes the resource succeeds', async () => {
    const fakes = makeFakes();
    const event = deleteEvent('Custom::TelegramBotProof', 'some-id');
    await expect(handleEvent(event, 12 * 60_000, fakes.services)).resolves.toEqual({
      PhysicalResourceId: 'some-id',
    });
    expect(fakes.telegram.methods).toEqual([]);
  });
});

describe('an event that cannot be handled', () => {
  it('fails when its type is unknown', async () => {
    expect((await failureOf(makeFakes(), createEvent('Custom::Other'))).message).toBe(
      'The registrar handles Custom::TelegramBot, Custom::TelegramBotReadiness, ' +
        'Custom::TelegramBotProfile, Custom::TelegramWebhook, not Custom::Other. ' +
        'Use the constructs of the kit, and deploy again.',
    );
  });

  it.each([ResourceType.bot, ResourceType.webhook])(
    'fails when it lacks properties: %s',
    async (type) => {
      const { message } = await failureOf(makeFakes(), createEvent(type, { Address: 'c8' }));
      expect(message).toContain(`${type} needs TokenSecret, ApiRoot`);
    },
  );

  it('fails when an Update lacks properties', async () => {
    const event = updateEvent(ResourceType.webhook, '7000000001', {
      ...properties,
      Endpoint: undefined,
    });
    expect((await failureOf(makeFakes(), event)).message).toContain('needs Endpoint as text');
  });

  it('fails when it lacks the list of update types', async () => {
    const event = createEvent(ResourceType.webhook, { ...properties, AllowedUpdates: undefined });
    const { message } = await failureOf(makeFakes(), event);
    expect(message).toContain('needs AllowedUpdates as a list');
  });
});

describe('handleEvent when it fails', () => {
  it('throws no stack, because the framework would repeat its lines after the message', async () => {
    const fakes = makeFakes();
    fakes.secret = () => {
      throw new TokenUnavailableError('missing', 'first\nsecond');
    };
    const { message, stack } = await failureOf(fakes, createEvent(ResourceType.bot));
    expect(message).toBe('first\nsecond');
    expect(stack).toBe('Error');
  });

  it('throws a message that fits into a response to CloudFormation', async () => {
    const fakes = makeFakes();
    fakes.telegram.faults.getMe = [
      new TelegramRefusedError('getMe', 400, '\u001b'.repeat(100_000)),
    ];
    const { message } = await failureOf(fakes, createEvent(ResourceType.bot));
    expect(JSON.stringify(message).length).toBeLessThanOrEqual(1002);
  });

  it('ends the message with the command that creates a missing secret', async () => {
    const fakes = makeFakes();
    const command = storeTokenCommand('telegram/dev/bot-token');
    fakes.secret = () => {
      throw new TokenUnavailableError('missing', `Create it: ${command}`);
    };
    const { message } = await failureOf(fakes, createEvent(ResourceType.bot));
    expect(message.endsWith(command)).toBe(true);
  });

  it('says what was refused, where, and what to do about a bad token', async () => {
    const fakes = makeFakes();
    fakes.telegram.faults.getMe = [new TelegramRefusedError('getMe', 401, 'Unauthorized')];
    expect((await failureOf(fakes, createEvent(ResourceType.bot))).message).toBe(
      'getMe: Telegram refused with 401 Unauthorized. The token in secret telegram/dev/bot-token is ' +
        'unknown or revoked at https://api.telegram.org: get a new one from @BotFather, store it, and ' +
        'deploy again. To store it:\nnpm run token -- --secret telegram/dev/bot-token',
    );
  });

  it.each<[Error, string]>([
    [refusedWith(404, 'Not Found'), 'get a new one from @BotFather'],
    [refusedWith(400, 'Logged out'), 'The bot has moved from https://api.telegram.org'],
    [refusedWith(429, 'Too Many Requests', 3600), 'Wait at least 3600 seconds, then deploy again.'],
    [refusedWith(429, 'Too Many Requests'), 'Wait a few minutes, then deploy again.'],
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
  ])('says what to do about $message', async (fault, fix) => {
    const fakes = makeFakes();
    fakes.telegram.faults.setWebhook = () => fault;
    const { message } = await failureOf(fakes, createEvent(ResourceType.webhook));
    expect(message).toContain(`${fault.message}. `);
    expect(message).toContain(fix);
  });

  it('says how to continue a destroy that Telegram blocks, and how to do without Telegram', async () => {
    const fakes = makeFakes();
    fakes.telegram.faults.getWebhookInfo = () => unreachable('getWebhookInfo');
    const { message } = await failureOf(fakes, deleteEvent(ResourceType.webhook));
    expect(message).toContain(
      'run `cdk destroy` again; or delete the stack and keep the webhook:\n',
    );
    expect(message).toMatch(
      /aws cloudformation delete-stack --stack-name bot-dev --retain-resources BotRegistration1A2B3C4D$/,
    );
  });

  it('says how to continue a destroy that Secrets Manager blocks', async () => {
    const fakes = makeFakes();
    fakes.secret = () => {
      throw new TokenUnavailableError('unreachable', 'Secrets Manager is silent.');
    };
    const { message } = await failureOf(fakes, deleteEvent(ResourceType.webhook));
    expect(message).toContain('Secrets Manager is silent. Wait, then run `cdk destroy` again');
  });

  it('points to the log, which has the stack trace, when the error is unexpected', async () => {
    const fakes = makeFakes();
    fakes.telegram.faults.getMe = [new TypeError('x is not a function')];
    const { message } = await failureOf(fakes, createEvent(ResourceType.bot));
    expect(message).toBe(
      'The registrar failed unexpectedly with TypeError: x is not a function. Its log has the stack trace.',
    );
    expect(fakes.lines.at(-1)?.facts.stack).toContain('handler.test.ts');
  });
});

it('reports the webhook that a failed create may have orphaned', async () => {
  const fakes = makeFakes();
  fakes.telegram.faults.getWebhookInfo = () =>
    fakes.telegram.set.length > 0 ? refusedWith(401, 'Unauthorized') : undefined;
  const { message } = await failureOf(fakes, createEvent(ResourceType.webhook));
  expect(message).toMatch(
    /^A webhook at abc123.*may be orphaned.*the next deploy replaces it\. .*401 Unauthorized/,
  );
});

describe('handleEvent', () => {
  it('logs one line for an event that was handled', async () => {
    const fakes = makeFakes();
    await handle(fakes, createEvent(ResourceType.webhook));
    expect(fakes.lines).toEqual([
      {
        level: 'info',
        facts: {
          event: 'registrar.done',
          request: 'Create',
          resource: 'Custom::TelegramWebhook',
          logicalId: 'BotRegistration1A2B3C4D',
          retries: 0,
          durationMs: ATTEMPT_MS,
          outcome: 'registered',
          botId: '7000000001',
          replacedHost: '',
          pendingUpdates: 3,
        },
      },
    ]);
  });

  it('logs every retry, with its reason and its wait', async () => {
    const fakes = makeFakes();
    fakes.telegram.faults.getMe = [refusedWith(429, 'Too Many Requests', 7)];
    await handle(fakes, createEvent(ResourceType.bot));
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

  it('logs the message of a failure, without a stack trace if the message explains itself', async () => {
    const fakes = makeFakes();
    fakes.endpoint = () => 302;
    const { message } = await failureOf(fakes, createEvent(ResourceType.webhook));
    const line = fakes.lines.at(-1);
    expect(line).toMatchObject({
      level: 'error',
      facts: { event: 'registrar.failed', because: message },
    });
    expect(line?.facts).not.toHaveProperty('stack');
  });
});
