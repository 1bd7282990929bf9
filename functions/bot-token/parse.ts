import { storeTokenCommand } from './commands.ts';
import { TokenUnavailableError } from './errors.ts';

/** `<bot id>:<35 characters>` today; Telegram guarantees no length. */
const BOT_TOKEN = /^\d+:[\w-]{20,}$/;

/**
 * Parses the bot token in a secret's value: the plain token, or JSON with a `token` field. Surrounding white
 * space is dropped, because commands and editors like to add a newline.
 *
 * @param value `undefined` for a secret that holds binary data
 * @throws TokenUnavailableError `unusable`, which says what is wrong without showing the value
 */
export function parseBotToken(value: string | undefined, secretId: string): string {
  if (value === undefined) throw unusable(secretId, 'holds binary data, not text');
  const text = value.trim();
  const token = text.startsWith('{') ? tokenField(text, secretId) : text;
  if (token === '') throw unusable(secretId, 'is empty');
  if (!BOT_TOKEN.test(token)) {
    throw unusable(secretId, 'does not hold a bot token, which looks like 123456789:AbC-dEf...');
  }
  return token;
}

/** Returns the bot's id, which every token begins with. */
export function botIdOf(token: string): string {
  return token.slice(0, token.indexOf(':'));
}

function tokenField(json: string, secretId: string): string {
  const token = parseJson(json, secretId).token;
  if (typeof token === 'string') return token.trim();
  throw unusable(secretId, 'is JSON without a `token` field that is a string');
}

/** Parses JSON, and drops the error of `JSON.parse`, because it quotes what it cannot parse. */
function parseJson(json: string, secretId: string): { token?: unknown } {
  try {
    return JSON.parse(json);
  } catch {
    throw unusable(secretId, 'looks like JSON but does not parse');
  }
}

function unusable(secretId: string, problem: string): TokenUnavailableError {
  const fix = `Store the token that @BotFather gave you:\n${storeTokenCommand(secretId)}`;
  return new TokenUnavailableError('unusable', `Secret ${secretId} ${problem}. ${fix}`);
}
