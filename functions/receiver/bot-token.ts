import { Environment } from '../contract.ts';
import { requireEnv } from '../runtime/environment.ts';

/**
 * The bot's token, to call the Bot API with. Fetched from Secrets Manager at the first call and kept
 * for the life of the execution environment; a new token brings a new webhook secret, so the deploy
 * that rotates it replaces every environment.
 * @throws when the secret cannot be read or holds no token; the next call tries again.
 */
export const botToken = once(async () => {
  const secretId = requireEnv(Environment.tokenSecret);
  // In a chunk of its own, with the AWS SDK: 100 ms that a bot which never asks does not pay.
  const { readBotToken } = await import('../bot-token/read.ts');
  return readBotToken(secretId);
});

/** Makes something once, however many ask for it at the same time; a failure is not remembered. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= make().catch((error: unknown) => {
      result = undefined;
      throw error;
    });
    return result;
  };
}
