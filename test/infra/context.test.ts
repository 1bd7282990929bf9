import { App } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import { readContext } from '../../infra/context.ts';
import { fakeToken } from '../sandbox/index.ts';

const read = (context: Record<string, unknown> = {}) => readContext(new App({ context }));

describe('the context', () => {
  it('has a default for every key', () => {
    expect(read()).toEqual({
      stage: 'dev',
      botTokenSecret: 'telegram/dev/bot-token',
      delivery: 'direct',
      telegramApiRoot: undefined,
      telegramEnvironment: 'prod',
    });
  });

  it('names the secret after the stage by default', () => {
    expect(read({ stage: 'prod' }).botTokenSecret).toBe('telegram/prod/bot-token');
  });

  it("can name another secret, another Bot API server, and Telegram's test environment", () => {
    const context = {
      botTokenSecret: 'bots/mine',
      telegramApiRoot: 'http://bot-api.internal:8081',
      telegramEnvironment: 'test',
    };
    expect(read(context)).toMatchObject(context);
  });

  it.each([
    [{ stage: '' }, 'Context stage must be a non-empty string'],
    [{ stage: 7 }, 'Context stage must be a non-empty string'],
    [{ stage: 'my stage' }, 'starting with a letter; got my stage'],
    [{ botTokenSecret: 'my secret' }, 'got my secret'],
    [{ delivery: 'queue' }, 'Context delivery must be direct or queued, got queue'],
    [
      { telegramEnvironment: 'staging' },
      'Context telegramEnvironment must be prod or test, got staging',
    ],
    [{ telegramApiRoot: '' }, 'Context telegramApiRoot must be a non-empty string'],
  ])('refuses %j', (context, message) => {
    expect(() => read(context)).toThrow(message);
  });

  it('refuses a token in place of a secret name without showing it', () => {
    const attempt = () => read({ botTokenSecret: fakeToken() });
    expect(attempt).toThrow('looks like the bot token itself');
    expect(attempt).not.toThrow(fakeToken());
  });
});
