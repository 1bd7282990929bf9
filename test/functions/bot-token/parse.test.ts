import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TokenUnavailableError } from '../../../functions/bot-token/errors.ts';
import { botIdOf, parseBotToken } from '../../../functions/bot-token/parse.ts';
import { fakeToken } from '../../sandbox/index.ts';

const token = fakeToken(42);
const name = 'telegram/dev/bot-token';

describe('parseBotToken', () => {
  it.each([
    ['in plain text', token],
    ['with a newline, as echo leaves it', `${token}\n`],
    ['with white space around it', `  ${token}\r\n`],
    ['in the token field of JSON', JSON.stringify({ token, note: 'mine' })],
    ['in JSON, with white space around both', ` ${JSON.stringify({ token: ` ${token}\n` })}\n`],
  ])('reads a token %s', (_form, value) => {
    expect(parseBotToken(value, name)).toBe(token);
  });

  it('returns a token that begins with the id of the bot', () => {
    expect(botIdOf(token)).toBe('42');
  });
});

describe('parseBotToken without a token', () => {
  it.each([
    ['binary data', undefined, 'holds binary data'],
    ['nothing', '', 'is empty'],
    ['white space', ' \n', 'is empty'],
    ['an empty token field', '{"token":""}', 'is empty'],
    ['a generated password', 'kT5#xQ2!vB9_zW4$yN7', 'does not hold a bot token'],
    ['a token without its bot id', token.slice(3), 'does not hold a bot token'],
    ['half a token', token.slice(0, 12), 'does not hold a bot token'],
    ['two tokens', `${token}\n${token}`, 'does not hold a bot token'],
    ['a token in quotes', JSON.stringify(token), 'does not hold a bot token'],
    [
      'JSON with another field',
      JSON.stringify({ botToken: token }),
      'is JSON without a `token` field',
    ],
    ['JSON with a token that is not a string', '{"token":42}', 'is JSON without a `token` field'],
    ['broken JSON', `{"token":"${token}"`, 'looks like JSON but does not parse'],
  ])('rejects a secret that holds %s', (_what, value, problem) => {
    expect(() => parseBotToken(value, name)).toThrow(
      expect.objectContaining({
        name: 'TokenUnavailableError',
        reason: 'unusable',
        message: expect.stringContaining(`Secret ${name} ${problem}`),
      }),
    );
  });

  it('names the command that stores a token', () => {
    expect(() => parseBotToken('', name)).toThrow(`:\nnpm run token -- --secret ${name}`);
  });

  it('never shows the value of the secret', () => {
    // None of our own messages contains this character, so finding it means finding the value.
    const value = fc.string({ minLength: 1 }).map((text) => `\u00a7${text}\u00a7`);
    const secret = fc.oneof(
      value,
      value.map((text) => `{"token": ${text}`),
      value.map((text) => JSON.stringify({ token: text })),
      value.map((text) => JSON.stringify({ [text]: text })),
    );
    fc.assert(
      fc.property(secret, (text) => {
        try {
          parseBotToken(text, name);
          return false;
        } catch (error) {
          const { message, stack } = error as TokenUnavailableError;
          return error instanceof TokenUnavailableError && !`${message}${stack}`.includes('\u00a7');
        }
      }),
    );
  });
});
