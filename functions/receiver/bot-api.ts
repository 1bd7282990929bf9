import { getSecret } from '../aws/secrets-manager.ts';
import { readBotToken } from '../bot-token/read.ts';
import { Environment } from '../contract.ts';
import { apiRoot, requireEnv, telegramEnvironment } from '../runtime/environment.ts';
import { once } from '../runtime/once.ts';
import { whileLoading } from '../runtime/while-loading.ts';
import { BotApi } from '../telegram/client.ts';

/*
 * A bot that imports anything of this module has its token, and a connection to the Bot API, when its first update
 * arrives. esbuild leaves the module out of any other bot, because package.json in this folder allows it.
 */

const readToken = once(async (signal?: AbortSignal) =>
  readBotToken(requireEnv(Environment.tokenSecret), getSecret, { signal }),
);

/**
 * Returns the bot's token, which is read from Secrets Manager while the code loads; the execution environment then
 * keeps it. A new token brings a new webhook secret, so the deploy that rotates the token also replaces every
 * environment.
 *
 * @example
 * const bot = once(async () => new Bot(await botToken(), { botInfo: botInfo() }));
 * @throws TokenUnavailableError when the secret cannot be read or holds no token; the next call tries again
 */
export function botToken(): Promise<string> {
  return readToken();
}

let client: BotApi | undefined;

/**
 * Returns the client of the Bot API for this bot, connected while the code loads.
 *
 * @example
 * const { message_id } = await botApi().call('sendMessage', { chat_id: 1, text: 'Working on it …' });
 */
export function botApi(): BotApi {
  client ??= new BotApi({
    token: botToken,
    apiRoot: apiRoot(),
    environment: telegramEnvironment(),
  });
  return client;
}

await whileLoading(readToken, (signal) => botApi().open(signal));
