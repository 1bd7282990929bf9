import { Environment } from '../contract.ts';
import { requireEnv } from '../runtime/environment.ts';
import { once } from '../runtime/once.ts';

/**
 * Returns the bot's token, for calling the Bot API. The first call reads it from Secrets Manager; the
 * execution environment then keeps it. A new token brings a new webhook secret, so the deploy that rotates the
 * token also replaces every environment.
 *
 * @example
 * const url = `${apiRoot()}/bot${await botToken()}/sendMessage`;
 * @throws TokenUnavailableError when the secret cannot be read or holds no token; the next call tries again
 */
export const botToken = once(async () => {
  const secretId = requireEnv(Environment.tokenSecret);
  // In a chunk of its own, with the AWS SDK: a bot that never calls this does not pay its 100 ms.
  const { readBotToken } = await import('../bot-token/read.ts');
  return readBotToken(secretId);
});
