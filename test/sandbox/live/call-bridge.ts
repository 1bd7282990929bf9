import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Clock } from '../clock.ts';
import type { Bot } from '../telegram/bot.ts';
import type { RecordedCall } from '../telegram/bot-api.ts';
import { type BotApiAnswer, badRequest } from '../telegram/bot-api-error.ts';
import {
  type BotApiRequest,
  type CallForwarder,
  type ForwardedAnswer,
  SMALL_FILE,
} from '../telegram/call-forwarder.ts';
import { NoAnswerError, parseAnswer, type RealBotApi } from './real-bot-api.ts';

export interface CallBridgeOptions {
  readonly api: RealBotApi;
  readonly botId: number;
  readonly clock: Clock;
  /** Returns whether the process that calls through a port is known not to be the registrar. */
  readonly isBotCode: (port: number) => boolean;
  /** Receives what a person should know, in whole sentences. */
  readonly say: (text: string) => void;
}

/** These take the updates away from the poller, or the bot from this server. */
const REFUSED = new Set(['setWebhook', 'deleteWebhook', 'logOut', 'close']);
/** The bot gets the answers that it would get on AWS, where it has a webhook. */
const EMULATED = new Set(['getUpdates', 'getWebhookInfo']);
/** Other names are not Telegram's, and might lead elsewhere. */
const PLAIN_NAME = /^\w+$/;
const FIRST_RETRY_S = 1;
const LAST_RETRY_S = 30;
/** What belongs to one connection, and to a body that `fetch` has decoded. */
const PASSED_HEADERS = ['content-type', 'content-range', 'accept-ranges', 'retry-after'];

/** Passes the calls of the bot's own code on to the real Bot API. The registrar's stay in the sandbox. */
export class CallBridge implements CallForwarder {
  /** Called when a call has its answer; without one, it could not be made. */
  onCall: (call: RecordedCall, answer: BotApiAnswer | undefined) => void = () => {};
  private readonly options: CallBridgeOptions;
  private readonly closing = new AbortController();

  constructor(options: CallBridgeOptions) {
    this.options = options;
  }

  takes(bot: Bot, method: string, port?: number): boolean {
    const { botId, isBotCode } = this.options;
    if (bot.id !== botId || EMULATED.has(method) || !PLAIN_NAME.test(method)) return false;
    return port === undefined || isBotCode(port);
  }

  async call(call: RecordedCall, request: BotApiRequest): Promise<ForwardedAnswer | undefined> {
    const { api } = this.options;
    if (REFUSED.has(call.method)) return this.refuse(call);
    try {
      const target = withMethod(request.target, call.method);
      const response = await api.forward({ ...request, target });
      const body = Buffer.from(await response.arrayBuffer());
      const answer = parseAnswer(body.toString());
      this.onCall(call, answer);
      return { answer, reply: { status: response.status, headers: passedHeaders(response), body } };
    } catch {
      // As on AWS: the connection breaks, or the caller has gone.
      this.onCall(call, undefined);
      return undefined;
    }
  }

  async obey(call: RecordedCall): Promise<BotApiAnswer | undefined> {
    const { api, clock, say } = this.options;
    const { signal } = this.closing;
    // On AWS the reply is in Telegram's hands already, so a broken network must not lose it here.
    for (let seconds = FIRST_RETRY_S; ; seconds = Math.min(seconds * 2, LAST_RETRY_S)) {
      try {
        const answer = await api.execute(call.method, call.parameters, signal);
        this.onCall(call, answer);
        return answer;
      } catch (error) {
        if (signal.aborted || !(error instanceof NoAnswerError)) return undefined;
        if (seconds === FIRST_RETRY_S) {
          say(`${call.method} waits: ${error.message}. It is tried again until it works.`);
        }
        await clock.sleep(seconds * 1000, signal).catch(() => {});
      }
    }
  }

  async download(request: BotApiRequest, response: ServerResponse): Promise<Buffer | undefined> {
    const file = await this.options.api.forward(request);
    response.writeHead(file.status, passedHeaders(file));
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    const body = file.body ? Readable.fromWeb(file.body as never) : Readable.from([]);
    body.on('data', (chunk: Uint8Array) => {
      bytes += chunk.length;
      if (bytes <= SMALL_FILE) chunks.push(chunk);
    });
    await pipeline(body, response);
    return file.status === 200 && bytes <= SMALL_FILE ? Buffer.concat(chunks) : undefined;
  }

  /** Gives up on replies that could not be executed. */
  close(): void {
    this.closing.abort('closed');
  }

  private refuse(call: RecordedCall): ForwardedAnswer {
    const { answer } = badRequest(
      `npm start -- --live sends no ${call.method} to Telegram, because the bot would lose its updates`,
    );
    this.options.say(
      `The bot has called ${call.method}, which was refused and not sent to Telegram.`,
    );
    this.onCall(call, answer);
    const headers = { 'content-type': 'application/json' };
    return { answer, reply: { status: answer.error_code, headers, body: JSON.stringify(answer) } };
  }
}

/** Puts the method into a path without one, so that Telegram reads no other one in the parameters. */
function withMethod(target: string, method: string): string {
  return target.replace(/^([^?]*\/)(?=\?|$)/, (path) => path + method);
}

function passedHeaders({ headers }: Response): Record<string, string> {
  const passed = PASSED_HEADERS.flatMap((name) => {
    const value = headers.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  return Object.fromEntries(passed);
}
