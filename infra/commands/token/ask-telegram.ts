import type { TelegramEnvironment } from '../../../functions/contract.ts';

/** The Bot API that a token is for. */
export interface TokenServer {
  /** Without a trailing slash. */
  readonly apiRoot: string;
  readonly environment: TelegramEnvironment;
}

/** A bot, as Telegram names it. */
export interface NamedBot {
  readonly id: number;
  /** Without the `@`; undefined if Telegram does not know the token any more. */
  readonly username?: string;
}

/** The text is not a token, or Telegram does not know it: another one may work. */
export class BadTokenError extends Error {
  override readonly name = 'BadTokenError';
}

const TIMEOUT_MS = 10_000;
const HTTP = { unauthorized: 401, notFound: 404 };
/** `<bot id>:<35 characters>` today; Telegram guarantees no length. */
const BOT_TOKEN = /^\d{1,15}:[\w-]{20,}$/;

export function isToken(text: string): boolean {
  return BOT_TOKEN.test(text);
}

/** Returns the id that every token begins with. */
export function botIdIn(token: string): number {
  return Number.parseInt(token, 10);
}

/**
 * Asks Telegram whose token this is. No error holds the token, or a URL, which would contain it.
 *
 * @throws BadTokenError; Error when the server does not answer as a Bot API server would
 */
export async function askTelegram(token: string, server: TokenServer): Promise<NamedBot> {
  const { id, username } = Object(await resultOfCall('getMe', token, server));
  if (id !== botIdIn(token) || typeof username !== 'string' || !/^\w{1,64}$/.test(username)) {
    throw new Error(`${server.apiRoot} answered, but not as a Bot API server does.`);
  }
  return { id, username };
}

/** Returns the URL of the bot's webhook, which is empty if there is none. @throws as `askTelegram` */
export async function webhookAt(token: string, server: TokenServer): Promise<string> {
  const { url } = Object(await resultOfCall('getWebhookInfo', token, server));
  if (typeof url === 'string') return url;
  throw new Error(`${server.apiRoot} answered, but not as a Bot API server does.`);
}

async function resultOfCall(method: string, token: string, server: TokenServer): Promise<unknown> {
  const { apiRoot, environment } = server;
  const infix = environment === 'test' ? 'test/' : '';
  const { status, body } = await post(`${apiRoot}/bot${token}/${infix}${method}`, apiRoot);
  if (status === HTTP.unauthorized || status === HTTP.notFound) {
    throw new BadTokenError(
      `Telegram does not know this token (${status} at ${named(server)}): it is mistyped or revoked. @BotFather shows ` +
        'the current one after /mybots.',
    );
  }
  const { description, result } = body;
  if (typeof description !== 'string') return result;
  throw new Error(
    `Telegram could not check the token: ${status} ${description.slice(0, 200).replaceAll(token, '<token>')}`,
  );
}

function named({ apiRoot, environment }: TokenServer): string {
  return environment === 'test' ? `${apiRoot}, test environment` : apiRoot;
}

async function post(
  url: string,
  apiRoot: string,
): Promise<{ status: number; body: Record<string, unknown> }> {
  try {
    const response = await fetch(url, { method: 'POST', signal: AbortSignal.timeout(TIMEOUT_MS) });
    const text = await response.text();
    return { status: response.status, body: Object(parse(text)) };
  } catch (error) {
    // Not the message, because some name the URL.
    const { name, cause } = error as Error & { cause?: { code?: string } };
    throw new Error(
      `${apiRoot} cannot be reached from here (${cause?.code ?? name}), so the token could not be checked. ` +
        '--unchecked stores it without asking Telegram; the deploy checks it too.',
    );
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
