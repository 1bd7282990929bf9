import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  apiRoot,
  botInfo,
  type InvocationContext,
  receive,
  telegramEnvironment,
} from '../../../functions/receiver/index.ts';
import { delivery, httpApiEvent, message, SECRET, SECRET_SHA256 } from '../../harness.ts';

const log = vi.spyOn(console, 'error').mockReturnValue();

beforeEach(() => vi.stubEnv('WEBHOOK_SECRET_SHA256', SECRET_SHA256));
afterEach(() => {
  vi.unstubAllEnvs();
  log.mockClear();
});

describe('receive', () => {
  it("answers API Gateway's events", async () => {
    const handler = receive(({ message }) => ({
      method: 'sendMessage',
      chat_id: 42,
      text: `${message?.text}!`,
    }));
    expect(await handler(httpApiEvent(delivery(message('hi'))))).toEqual({
      statusCode: 200,
      headers: { 'content-type': 'application/json' },
      body: '{"method":"sendMessage","chat_id":42,"text":"hi!"}',
    });
    expect(log).not.toHaveBeenCalled();
  });

  it('reads the environment once', async () => {
    const handler = receive(() => {});
    vi.stubEnv('WEBHOOK_SECRET_SHA256', '');
    expect(await handler(httpApiEvent(delivery(message('hi'))))).toEqual({ statusCode: 200 });
  });

  it('logs the failure of a bot as one object, which Lambda writes as one line of JSON', async () => {
    const handler = receive(() => {
      throw new Error('no');
    });
    await handler(httpApiEvent(delivery(message('hi', 99))));
    expect(log.mock.calls).toEqual([
      [expect.objectContaining({ event: 'update.failed', updateId: 99, errorMessage: 'no' })],
    ]);
  });

  it.each([
    ['missing', undefined, 'not set'],
    ['empty', '', 'not set'],
    ['in upper case', SECRET_SHA256.toUpperCase(), 'not a SHA-256 in lower-case hexadecimal'],
    ['the secret itself', SECRET, 'not a SHA-256 in lower-case hexadecimal'],
  ])(
    'refuses every request, and logs the problem only once, when the hash is %s',
    async (_, hash, problem) => {
      vi.stubEnv('WEBHOOK_SECRET_SHA256', hash);
      const onUpdate = vi.fn();
      const handler = receive(onUpdate);
      for (let i = 0; i < 3; i++) {
        expect(await handler(httpApiEvent(delivery(message('hi'))))).toEqual({ statusCode: 401 });
      }
      expect(onUpdate).not.toHaveBeenCalled();
      expect(log.mock.calls).toEqual([
        [
          {
            event: 'receiver.misconfigured',
            variable: 'WEBHOOK_SECRET_SHA256',
            problem,
            effect: 'every request is refused with 401',
          },
        ],
      ]);
    },
  );

  it('answers concurrent updates each with its own reply', async () => {
    const release: (() => void)[] = [];
    const handler = receive(async (update) => {
      await new Promise<void>((resolve) => release.push(resolve));
      return { method: 'sendMessage', chat_id: 42, text: `${update.update_id}` };
    });
    const answers = [1, 2].map((id) => handler(httpApiEvent(delivery(message('hi', id)))));
    await vi.waitFor(() => expect(release).toHaveLength(2));
    for (const finish of release.reverse()) finish();
    const texts = (await Promise.all(answers)).map(({ body }) => JSON.parse(body ?? '').text);
    expect(texts).toEqual(['1', '2']);
  });
});

describe('botInfo', () => {
  it('returns the bot as the last deploy found it', () => {
    vi.stubEnv('BOT_INFO', '{"id":7000000001,"is_bot":true,"username":"fake_bot"}');
    expect(botInfo()).toMatchObject({ id: 7000000001, username: 'fake_bot' });
  });

  it('names the variable when it is missing', () => {
    vi.stubEnv('BOT_INFO', undefined);
    expect(() => botInfo()).toThrow(/^BOT_INFO is not set/);
  });

  it('is undefined after a rollback during which Telegram did not answer', () => {
    vi.stubEnv('BOT_INFO', '');
    expect(botInfo()).toBeUndefined();
  });
});

describe('apiRoot', () => {
  it('returns the root that the stack sets', () => {
    vi.stubEnv('TELEGRAM_API_ROOT', 'https://bots.example.org');
    expect(apiRoot()).toBe('https://bots.example.org');
  });
});

describe('receive given another event', () => {
  it.each<[string, unknown, string]>([
    [
      'a schedule',
      { source: 'aws.events', 'detail-type': 'Scheduled Event' },
      'an event of aws.events',
    ],
    ['S3', { Records: [{ eventSource: 'aws:s3' }] }, 'an event of aws:s3'],
    ['SNS', { Records: [{ EventSource: 'aws:sns' }] }, 'an event of aws:sns'],
    [
      'payload format 1.0',
      { version: '1.0', httpMethod: 'POST', headers: {} },
      'payload format 1.0',
    ],
    ['a REST API', { httpMethod: 'POST', headers: null }, 'payload format 1.0'],
    ['nothing', undefined, 'something else'],
    ['text', 'hello', 'something else'],
    ['private content', { source: 'my secret' }, 'something else'],
  ])('names %s, and what to do', async (_, event, name) => {
    const handler = receive(() => expect.unreachable('the bot was called'));
    const failure = await (handler as (event: unknown) => Promise<unknown>)(event).catch(
      (error: Error) => error,
    );
    expect(failure).toBeInstanceOf(Error);
    const { message } = failure as Error;
    expect(message).toContain(
      `got ${name === 'payload format 1.0' ? 'a request in ' : ''}${name}.`,
    );
    expect(message).toContain('infra/README.md');
    expect(message).not.toContain('secret');
  });
});

describe('receive with direct delivery', () => {
  it('aborts the signal of the bot shortly before Lambda ends the invocation', async () => {
    let signal: AbortSignal | undefined;
    const handler = receive((_, context) => {
      signal = context.signal;
      return new Promise((_, reject) => {
        context.signal.addEventListener('abort', () => reject(context.signal.reason));
      });
    });
    const event = httpApiEvent(delivery(message('hi')));
    const answer = await handler(event, { getRemainingTimeInMillis: () => 100 });
    expect(signal?.aborted).toBe(true);
    expect(answer.statusCode).toBe(500);
  });
});

describe('a handler around receive', () => {
  it('answers a schedule itself, and leaves everything else to the bot', async () => {
    const sent: string[] = [];
    const telegram = receive(({ message }) => {
      sent.push(`answer to ${message?.text}`);
    });
    const sendGoodMorning = async () => void sent.push('good morning');
    // As in infra/README.md.
    async function handler(event: { source?: string }, context: InvocationContext) {
      if (event.source === 'aws.events') return sendGoodMorning();
      return telegram(event, context);
    }
    const context = { getRemainingTimeInMillis: () => 1000 };
    await handler({ source: 'aws.events' }, context);
    await handler(httpApiEvent(delivery(message('hi'))) as { source?: string }, context);
    expect(sent).toEqual(['good morning', 'answer to hi']);
  });
});

describe('telegramEnvironment', () => {
  it.each([
    [undefined, 'prod'],
    ['test', 'test'],
  ])('is, for the variable %s, %s', (variable, environment) => {
    vi.stubEnv('TELEGRAM_ENVIRONMENT', variable);
    expect(telegramEnvironment()).toBe(environment);
  });
});
