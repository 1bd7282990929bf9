import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  apiRoot,
  botInfo,
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

describe('telegramEnvironment', () => {
  it.each([
    [undefined, 'prod'],
    ['test', 'test'],
  ])('is, for the variable %s, %s', (variable, environment) => {
    vi.stubEnv('TELEGRAM_ENVIRONMENT', variable);
    expect(telegramEnvironment()).toBe(environment);
  });
});
