import type { ServerResponse } from 'node:http';
import type { Bot } from './bot.ts';
import type { RecordedCall } from './bot-api.ts';
import type { BotApiAnswer } from './bot-api-error.ts';
import type { FaultReply } from './faults.ts';

/** The most bytes of a file that is kept for a recording. */
export const SMALL_FILE = 1_048_576;

/** An HTTP request to the Bot API. */
export interface BotApiRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly contentType: string | undefined;
  readonly body: Buffer;
  /** Aborted when the caller has gone. */
  readonly signal: AbortSignal;
}

export interface ForwardedAnswer {
  /** Undefined for an answer that is not the Bot API's, such as a proxy's. */
  readonly answer: BotApiAnswer | undefined;
  /** What the caller gets. */
  readonly reply: FaultReply;
}

/** Passes calls of a bot on to another Bot API. Those that it does not take are emulated. */
export interface CallForwarder {
  /** @param port of this machine that the request came to; undefined for a call in a webhook's reply */
  takes(bot: Bot, method: string, port?: number): boolean;
  /** Passes a call with the token on. @returns undefined if the connection is to break */
  call(call: RecordedCall, request: BotApiRequest): Promise<ForwardedAnswer | undefined>;
  /** Executes a call in a webhook's reply. @returns undefined if that was not possible */
  obey(call: RecordedCall): Promise<BotApiAnswer | undefined>;
  /** Serves a file. @returns its content, if the whole file was served and has at most `SMALL_FILE` bytes */
  download(request: BotApiRequest, response: ServerResponse): Promise<Buffer | undefined>;
}
