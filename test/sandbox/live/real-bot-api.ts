import { unescape as percentDecode } from 'node:querystring';
import type { BotApiAnswer } from '../telegram/bot-api-error.ts';
import type { BotApiRequest } from '../telegram/call-forwarder.ts';
import type { Parameters } from '../telegram/parameters.ts';

export const TELEGRAM_API_ROOT = 'https://api.telegram.org';

/** Thrown when there is no answer of a Bot API server. The message holds no token. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
}

/** The Bot API outside of the sandbox, for one token. */
export class RealBotApi {
  /** Without a trailing slash. */
  readonly root: string;
  private readonly token: string;

  /** @throws Error for a root that is no plain http or https URL */
  constructor(token: string, root = TELEGRAM_API_ROOT) {
    this.token = token;
    this.root = checkRoot(root);
  }

  /** Calls a method. @throws NoAnswerError, also when the signal is aborted */
  async call(
    method: string,
    parameters: Readonly<Record<string, string>> = {},
    signal?: AbortSignal,
  ): Promise<BotApiAnswer> {
    return this.post(method, new URLSearchParams(parameters), signal);
  }

  /** Executes the call in a webhook's reply, files included. @throws NoAnswerError */
  async execute(method: string, { texts, files }: Parameters, signal?: AbortSignal) {
    const fields = [...texts].filter(([name]) => name !== 'method');
    // Telegram takes every value as text, whatever its type was in JSON.
    if (files.size === 0) return this.post(method, new URLSearchParams(fields), signal);
    const form = new FormData();
    for (const [name, value] of fields) form.set(name, value);
    for (const [name, { content, fileName = name, mimeType = '' }] of files) {
      form.set(name, new Blob([new Uint8Array(content)], { type: mimeType }), fileName);
    }
    return this.post(method, form, signal);
  }

  /** Sends a request of the bot's code on as it is. @throws NoAnswerError */
  async forward({ method, target, contentType, body, signal }: BotApiRequest): Promise<Response> {
    // `fetch` would resolve `/x/../setWebhook`, which was taken for another method, and a server `/x/..%2fsetWebhook`.
    const { pathname } = new URL(this.root + target);
    const base = new URL(this.root).pathname.replace(/\/$/, '');
    const [path = ''] = target.split('?');
    const isRelative = percentDecode(path)
      .split(/[/\\]/)
      .some((part) => /^\.\.?$/.test(part));
    if (isRelative || pathname !== base + path) {
      throw new NoAnswerError('The path of the request is ambiguous');
    }
    return this.send(target, {
      method,
      headers: contentType === undefined ? {} : { 'content-type': contentType },
      ...(method === 'POST' && { body: new Uint8Array(body) }),
      signal,
    });
  }

  private async post(
    method: string,
    body: URLSearchParams | FormData,
    signal?: AbortSignal,
  ): Promise<BotApiAnswer> {
    const response = await this.send(`/bot${this.token}/${method}`, {
      method: 'POST',
      body,
      signal,
    });
    const text = await response.text().catch((error: unknown) => this.fail(error));
    const answer = parseAnswer(text);
    if (answer) return answer;
    throw new NoAnswerError(
      `${this.root} answered with ${response.status}, but not as a Bot API server does`,
    );
  }

  private async send(target: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(this.root + target, { ...init, redirect: 'manual' });
    } catch (error) {
      return this.fail(error);
    }
  }

  /** Does not repeat the error's message, because some name the URL, and with it the token. */
  private fail(error: unknown): never {
    const { name, cause } = error as Error & { cause?: { code?: string } };
    throw new NoAnswerError(`${this.root} cannot be reached (${cause?.code ?? name})`);
  }
}

/** Returns undefined for what is no answer of the Bot API, such as a proxy's page. */
export function parseAnswer(text: string): BotApiAnswer | undefined {
  try {
    const answer = JSON.parse(text);
    return typeof answer?.ok === 'boolean' ? answer : undefined;
  } catch {
    return undefined;
  }
}

function checkRoot(root: string): string {
  const url = URL.canParse(root) ? new URL(root) : undefined;
  const isPlain =
    url !== undefined &&
    /^https?:$/.test(url.protocol) &&
    `${url.username}${url.password}${url.search}${url.hash}` === '';
  // It is not shown, because it may hold a token.
  if (isPlain && !url.pathname.includes('/bot')) return root.replace(/\/+$/, '');
  throw new Error(
    '--telegram-api-root takes an http or https URL that ends before /bot<token>, such as https://api.telegram.org',
  );
}
