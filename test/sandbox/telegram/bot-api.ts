import type { IncomingMessage, ServerResponse } from 'node:http';
import { unescape as percentDecode } from 'node:querystring';
import { buffer } from 'node:stream/consumers';
import type { Clock } from '../clock.ts';
import { type Bot, parseBotId } from './bot.ts';
import { type BotApiAnswer, BotApiError } from './bot-api-error.ts';
import { type BotApiRequest, type CallForwarder, SMALL_FILE } from './call-forwarder.ts';
import { acts, type FaultReply, sendFaulty, sendReply, type TelegramFault } from './faults.ts';
import { callMethod, methodNamed } from './methods.ts';
import type { NextFaults } from './next-faults.ts';
import { HttpRefusal, type Parameters, readParameters } from './parameters.ts';

/** One call of a Bot API method. Omits the token, which could end up in a test's output. */
export interface RecordedCall {
  /** Undefined when the token belongs to no bot. */
  readonly botId: number | undefined;
  /** The method's name in Telegram's spelling. */
  readonly method: string;
  readonly via: 'http' | 'webhook reply';
  readonly parameters: Parameters;
  /** Undefined while the call is in progress, and when a fault kept Telegram from acting. */
  readonly answer?: BotApiAnswer;
  /** Whether a person asked for this answer, see `NextFaults`. */
  readonly isInjected?: boolean;
  /** Whether the call failed because the sandbox does not emulate something, and not by Telegram's rules. */
  readonly limit?: boolean;
  /** Where the sandbox did something else than Telegram, although the call succeeded. */
  readonly notes?: readonly string[];
}

/** A call that begins, and where it comes from. */
export interface StartedCall {
  readonly call: RecordedCall;
  /** The port of this machine that the request came to: each function's process has its own. */
  readonly port?: number;
  /** The update that was answered with the call. */
  readonly updateId?: number;
}

/** A call that ends. */
export interface AnsweredCall {
  readonly call: RecordedCall;
  /** What the caller gets, unless its connection breaks or a test has made another answer up. */
  readonly answer: BotApiAnswer | undefined;
}

/** A file that a bot has downloaded. */
export interface Download {
  readonly botId: number;
  /** As in the answer of getFile. */
  readonly path: string;
  readonly content: Buffer;
}

/** A request as it came, to be passed on. */
interface CallRequest {
  readonly raw: BotApiRequest;
  readonly port: number | undefined;
}

export interface EmulatedBotApiOptions {
  readonly botWithToken: (token: string) => Bot | undefined;
  readonly clock: Clock;
  readonly nextFaults: NextFaults;
  readonly onCall: (started: StartedCall) => void;
  readonly onAnswer: (answered: AnsweredCall) => void;
  readonly intercept: (call: RecordedCall) => TelegramFault | undefined;
  /** Returns what takes calls out of the emulation. */
  readonly forwarder: () => CallForwarder | undefined;
  /** Called once for each thing that the sandbox does not emulate. */
  readonly onLimit: (what: string) => void;
  /** Returns an answer in place of Telegram's. */
  readonly answerInstead: (call: RecordedCall) => BotApiAnswer | undefined;
  /** Returns the content of a file that Telegram does not have, by its path. */
  readonly fileInstead: (path: string) => Buffer | undefined;
  /** Called with a file of at most `SMALL_FILE` bytes. */
  readonly onDownload: (download: Download) => void;
}

/**
 * Methods that a webhook's reply cannot call, besides those whose name begins with `get`
 * (telegram-bot-api, WebhookActor.cpp).
 */
const NOT_IN_REPLIES = ['setwebhook', 'deletewebhook', 'close', 'logout'];

/** The Bot API as an HTTP server. */
export class EmulatedBotApi {
  readonly calls: RecordedCall[] = [];
  private readonly options: EmulatedBotApiOptions;
  private readonly limits = new Set<string>();

  constructor(options: EmulatedBotApiOptions) {
    this.options = options;
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    this.serve(request, response, gone.signal).catch(() => response.destroy());
  }

  /** Executes the method call in a webhook's reply. Discards the result, as Telegram does. */
  async obey(bot: Bot, reply: Parameters, updateId: number): Promise<void> {
    const name = reply.text('method').toLowerCase();
    if (name === '' || name.startsWith('get') || NOT_IN_REPLIES.includes(name)) return;
    const call: RecordedCall = {
      botId: bot.id,
      method: methodNamed(name),
      via: 'webhook reply',
      parameters: reply,
    };
    this.begin({ call, updateId });
    const forwarder = this.options.forwarder();
    const isForwarded = forwarder?.takes(bot, call.method) === true;
    const answer =
      this.inject(call) ?? (isForwarded ? await forwarder.obey(call) : await this.act(call, bot));
    if (isForwarded) Object.assign(call, { answer });
    this.options.onAnswer({ call, answer });
  }

  private begin(started: StartedCall): void {
    this.calls.push(started.call);
    this.options.onCall(started);
  }

  /** Returns the answer that a person has asked for in place of Telegram's. */
  private inject(call: RecordedCall): BotApiAnswer | undefined {
    const answer = this.options.nextFaults.take(call)?.answer;
    if (answer) Object.assign(call, { answer, isInjected: true });
    return answer;
  }

  private async serve(
    request: IncomingMessage,
    response: ServerResponse,
    gone: AbortSignal,
  ): Promise<void> {
    const body = await buffer(request);
    if (request.method !== 'GET' && request.method !== 'POST') return sendEmpty(501, response);
    const [path = '', query] = splitOnce(request.url ?? '', '?');
    const contentType = request.headers['content-type'];
    let parameters: Parameters;
    try {
      parameters = await readParameters({ query, contentType, body });
    } catch (error) {
      if (error instanceof HttpRefusal) return sendEmpty(error.status, response);
      throw error;
    }
    const port = request.socket.localPort;
    const raw = {
      method: request.method,
      target: request.url ?? '',
      contentType,
      body,
      signal: gone,
    };
    if (await this.download(percentDecode(path), { raw, port }, response)) return;
    const [, token, name] = /^\/bot([^/]*)\/(.*)$/.exec(percentDecode(path)) ?? [];
    if (token === undefined || name === undefined || parseBotId(token) === undefined) {
      return sendReply(asReply(new BotApiError(404, 'Not Found').answer), response);
    }
    const method = methodNamed(name || parameters.text('method'));
    await this.answer({ token, method, parameters, port, raw }, response);
  }

  private async answer(
    request: CallRequest & { token: string; method: string; parameters: Parameters },
    response: ServerResponse,
  ): Promise<void> {
    const { intercept, onAnswer, clock } = this.options;
    const { token, method, parameters, port, raw } = request;
    const bot = this.options.botWithToken(token);
    const call: RecordedCall = { botId: bot?.id, method, via: 'http', parameters };
    this.begin({ call, port });
    const injected = this.inject(call);
    const fault = injected ? undefined : intercept(call);
    const forwarder = this.forwarderFor(bot, method, port);
    if (!fault && !injected && forwarder) return this.forward(call, forwarder, raw, response);
    if (!fault) {
      const answer = injected ?? (await this.act(call, bot));
      onAnswer({ call, answer });
      return sendReply(asReply(answer), response);
    }
    const answer = acts(fault) ? await this.act(call, bot) : undefined;
    onAnswer({ call, answer: fault.kind === 'trickle' ? answer : undefined });
    await sendFaulty(fault, asReply(answer), response, clock, raw.signal);
  }

  private forwarderFor(
    bot: Bot | undefined,
    method: string,
    port: number | undefined,
  ): CallForwarder | undefined {
    const forwarder = this.options.forwarder();
    return bot && port !== undefined && forwarder?.takes(bot, method, port) ? forwarder : undefined;
  }

  /** Passes a call on and its answer back. Without one, the connection breaks. */
  private async forward(
    call: RecordedCall,
    forwarder: CallForwarder,
    raw: BotApiRequest,
    response: ServerResponse,
  ): Promise<void> {
    const forwarded = await forwarder.call(call, raw);
    const answer = forwarded?.answer;
    Object.assign(call, { answer });
    this.options.onAnswer({ call, answer });
    if (forwarded) sendReply(forwarded.reply, response);
    else response.destroy();
  }

  /** Executes the call and records the answer in it. */
  private async act(call: RecordedCall, bot: Bot | undefined): Promise<BotApiAnswer> {
    if (!bot) {
      const { answer } = new BotApiError(401, 'Unauthorized');
      Object.assign(call, { answer });
      return answer;
    }
    const instead = this.options.answerInstead(call);
    if (instead) {
      Object.assign(call, { answer: instead });
      return instead;
    }
    const { answer, limit, notes } = await callMethod(bot, call.method, call.parameters);
    Object.assign(call, {
      answer,
      ...(limit !== undefined && { limit: true }),
      ...(notes.length > 0 && { notes }),
    });
    if (limit !== undefined && !this.limits.has(limit)) {
      this.limits.add(limit);
      this.options.onLimit(limit);
    }
    return answer;
  }

  /** Serves a file by the path that getFile has told. */
  private async download(
    path: string,
    { raw, port }: CallRequest,
    response: ServerResponse,
  ): Promise<boolean> {
    const [, token = '', name = ''] = /^\/file\/bot([^/]*)\/(.+)$/.exec(path) ?? [];
    const bot = this.options.botWithToken(token);
    if (!bot) return false;
    const report = (content: Buffer | undefined) => {
      if (!content || content.length > SMALL_FILE) return;
      this.options.onDownload({ botId: bot.id, path: name, content });
    };
    const forwarder = this.forwarderFor(bot, 'file', port);
    if (forwarder) {
      report(await forwarder.download(raw, response));
      return true;
    }
    const file = bot.files.at(name);
    const content = file?.content ?? this.options.fileInstead(name);
    if (!content) return false;
    report(content);
    const type = file?.mimeType ?? 'application/octet-stream';
    sendReply({ status: 200, headers: { 'content-type': type }, body: content }, response);
    return true;
  }
}

function asReply(answer: BotApiAnswer | undefined): FaultReply {
  const retryAfter = answer?.ok === false ? answer.parameters?.retry_after : undefined;
  return {
    status: answer?.ok === false ? answer.error_code : 200,
    headers: {
      'content-type': 'application/json',
      ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
    },
    body: answer ? JSON.stringify(answer) : '',
  };
}

/**
 * Refuses a request as Telegram's HTTP server does: sends a status without a body, then closes the
 * connection (tdlib, HttpConnectionBase.cpp).
 */
function sendEmpty(status: number, response: ServerResponse): void {
  sendReply({ status, headers: { connection: 'close' }, body: '' }, response);
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
