import type { UserFromGetMe, WebhookInfo } from '@grammyjs/types';
import { HOME } from '../aws/account.ts';
import type { StackArtifact } from '../cloudformation/assembly.ts';
import { declaredBotsOf, type StackBot, type TokenSecret } from '../declared-bots.ts';
import type { NewBot } from '../telegram/bot.ts';
import { hideToken } from '../terminal/style.ts';
import { RealBotApi, TELEGRAM_API_ROOT } from './real-bot-api.ts';
import { readStoredToken } from './stored-token.ts';
import { askToken } from './token-input.ts';

/** What `npm start -- --live` was told. */
export interface LiveSettings {
  /** @default - Telegram's own */
  readonly apiRoot?: string;
  /** Whether the token is in the stage's secret, on AWS. */
  readonly fromSecret: boolean;
  /** Path of the bot's construct, of which the end suffices. Needed if the app has several bots. */
  readonly path?: string;
}

/** A bot of Telegram's that runs here, and the bot of the app that it is. */
export interface RealBot {
  readonly id: number;
  readonly api: RealBotApi;
  readonly secret: TokenSecret;
  readonly profile: NewBot;
}

/**
 * Finds out whose token it is, and makes sure that the bot has no webhook. Changes nothing.
 *
 * @param stacks resolves when the app is synthesized
 * @throws Error that says what to do
 */
export async function identifyRealBot(
  { apiRoot, fromSecret, path }: LiveSettings,
  stacks: () => Promise<readonly StackArtifact[]>,
  interrupted: AbortSignal,
): Promise<RealBot> {
  // Before the token is asked for, so that a wrong root costs nobody the typing.
  new RealBotApi('', apiRoot);
  const choose = async () => {
    const deployed = await stacks();
    checkApiRoots(deployed);
    return chooseBot(deployed.flatMap(declaredBotsOf), path);
  };
  const streams = { input: process.stdin, output: process.stderr };
  const token = fromSecret
    ? await stored((await choose()).tokenSecret, interrupted)
    : await askToken(streams, interrupted);
  hideToken(token);
  const api = new RealBotApi(token, apiRoot);
  const user = await checkRealBot(api, interrupted);
  const { id, is_bot, first_name, username, ...switches } = user;
  return {
    id,
    api,
    secret: (await choose()).tokenSecret,
    profile: { token, username, firstName: first_name, switches },
  };
}

function stored(secret: TokenSecret, signal: AbortSignal): Promise<string> {
  // Without an `env`, the stack's region is that of the shell.
  const region = secret.account === HOME.account ? undefined : secret.region;
  return readStoredToken(secret, region, signal);
}

/** Returns the bot as getMe describes it. @throws Error for a wrong token, and for a bot with a webhook */
export async function checkRealBot(api: RealBotApi, signal: AbortSignal): Promise<UserFromGetMe> {
  const me = await api.call('getMe', {}, signal);
  if (!me.ok) {
    throw new Error(
      isUnknownToken(me.error_code)
        ? `Telegram does not know this token (${me.error_code} from ${api.root}): it is mistyped or revoked. ` +
            '@BotFather shows the current one after /mybots.'
        : `Telegram refused getMe: ${me.description}`,
    );
  }
  const user = me.result as UserFromGetMe;
  const host = await webhookHost(api, signal);
  if (host === undefined) return user;
  throw new Error(
    `@${user.username} has a webhook, at ${host}: with --live the bot would stop there, so nothing was changed. ` +
      'Use a bot of its own for development, which @BotFather creates with /newbot, or destroy the stack that has set ' +
      'the webhook (npm run destroy).',
  );
}

/**
 * Makes sure that the app's functions call the emulated Bot API. Any other one they may reach themselves, and the
 * registrar would set a webhook there.
 *
 * @throws Error that names the first bot which calls another one
 */
export function checkApiRoots(stacks: readonly StackArtifact[]): void {
  const elsewhere = stacks
    .flatMap(declaredBotsOf)
    .find(({ apiRoot }) => apiRoot !== TELEGRAM_API_ROOT);
  if (!elsewhere) return;
  const {
    path = 'A bot without a path',
    apiRoot = 'a server that is known only during the deploy',
  } = elsewhere;
  throw new Error(
    `${path} calls the Bot API at ${apiRoot}, where its deploy would set a webhook. For --live, leave its apiRoot ` +
      '(context telegramApiRoot) out: --telegram-api-root names the server then.',
  );
}

/** Returns the host of the bot's webhook; undefined if it has none. @throws Error */
export async function webhookHost(
  api: RealBotApi,
  signal: AbortSignal,
): Promise<string | undefined> {
  const info = await api.call('getWebhookInfo', {}, signal);
  if (!info.ok) throw new Error(`Telegram refused getWebhookInfo: ${info.description}`);
  return webhookHostIn(info.result as WebhookInfo);
}

/** Returns the host of a webhook, whose path is a secret; undefined without a webhook. */
export function webhookHostIn({ url }: WebhookInfo): string | undefined {
  return url ? new URL(url).host : undefined;
}

/** Returns whether Telegram refuses the token. A malformed one gets 404. */
export function isUnknownToken(code: number): boolean {
  return code === 401 || code === 404;
}

/** @throws Error that lists the bots, unless exactly one is meant */
function chooseBot(bots: readonly StackBot[], wanted: string | undefined): StackBot {
  const found = bots.filter(
    ({ path = '' }) => wanted === undefined || path === wanted || path.endsWith(`/${wanted}`),
  );
  const [bot] = found;
  if (bot && found.length === 1) return bot;
  if (bots.length === 0) throw new Error('No stack in the app has a TelegramBot.');
  const paths = bots.map(({ path = '(a bot without a path)' }) => path).join(', ');
  throw new Error(
    wanted === undefined
      ? `The app has several bots, and one runs live: choose it with --bot PATH. They are ${paths}.`
      : `--bot ${wanted} names ${found.length === 0 ? 'no bot' : 'several bots'} of the app. They are ${paths}.`,
  );
}
