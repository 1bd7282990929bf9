/**
 * What happens to a bot, in the words of the page and of a recording. Plain JSON: it travels to a browser and into a file,
 * so nothing here imports Node, and no value is a token, a webhook's path or its secret.
 *
 * Times are milliseconds since the epoch by the sandbox's clock, durations milliseconds of it.
 */
import type { Update } from '@grammyjs/types';

export type TimelineEntry = UpdateEntry | InvocationEntry;

/** The way of one update, from Telegram to the last call that the bot made for it. */
export interface UpdateEntry {
  readonly kind: 'update';
  /** Unique in a session, and stable: a changed entry replaces the one with the same key. */
  readonly key: string;
  readonly botId: number;
  readonly at: number;
  readonly update: Update;
  /** Where it comes from: a person, a person who sends an earlier update again, or a file. */
  readonly origin: 'person' | 'sent again' | 'replayed';
  readonly status: UpdateStatus;
  /** The update that has to be handled first, by `update_id`; with its chat's queue blocked, this one waits. */
  readonly behind?: number;
  /** When the next attempt begins. */
  readonly nextAttemptAt?: number;
  /** Telegram's attempts to deliver it, the oldest first. */
  readonly deliveries: readonly DeliveryAttempt[];
  /** Of the receiver, or of the ingress and the bot behind the queue, the oldest first. */
  readonly invocations: readonly Invocation[];
  /** Calls that belong to no invocation: those in webhook replies, which Telegram executes after the delivery. */
  readonly calls: readonly Call[];
  /** What the queue did with it. Absent with direct delivery. */
  readonly queue?: QueueState;
}

/**
 * `waiting`: for its first attempt. `running`: an attempt is in progress. `handled`: nothing is left to do. `failing`: it
 * has failed and will be tried again. `dropped`: Telegram or a person gave up. `dead letter`: the queue gave up.
 */
export type UpdateStatus =
  | 'waiting'
  | 'running'
  | 'handled'
  | 'failing'
  | 'dropped'
  | 'dead letter';

/** An invocation without an update: of the registrar, of its watch, of any other function. */
export interface InvocationEntry {
  readonly kind: 'invocation';
  readonly key: string;
  /** Of the bot whose token the function has, or that its calls were made with. */
  readonly botId?: number;
  readonly at: number;
  readonly invocation: Invocation;
}

export interface DeliveryAttempt {
  readonly at: number;
  /** Absent while it is in progress. */
  readonly durationMs?: number;
  /** The endpoint's HTTP status; absent while it is in progress, and if there was no response. */
  readonly status?: number;
  /** As in getWebhookInfo's `last_error_message`. */
  readonly problem?: string;
}

export interface Invocation {
  readonly requestId: string;
  /** Path of the function's construct, without the stack's name: `Bot/Endpoint/Receiver`. */
  readonly function: string;
  readonly at: number;
  /** Until the answer, a cold start included. */
  readonly durationMs?: number;
  /** Whether it began with loading the code, and how long that took. */
  readonly coldStartMs?: number;
  /** The configured size, in MiB. */
  readonly memoryMb: number;
  /** The process's peak, in MiB. Absent where the operating system does not tell, and while it is in progress. */
  readonly usedMb?: number;
  /** Whether it handles further updates too: a batch of the queue. */
  readonly batchSize?: number;
  /** What it logged, readable, errors with their stack mapped to the sources. */
  readonly log: readonly LogLine[];
  /** Why it failed. */
  readonly error?: InvocationError;
  /** Calls with the token, in the order of their beginning. */
  readonly calls: readonly Call[];
}

export interface LogLine {
  readonly at: number;
  readonly text: string;
  readonly isError: boolean;
}

export interface InvocationError {
  readonly type: string;
  readonly message: string;
  /** The line of the source that threw, and its neighbours. Absent if it is not in the project. */
  readonly source?: SourceExcerpt;
}

export interface SourceExcerpt {
  /** Relative to the project's root. */
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly lines: readonly { readonly number: number; readonly text: string }[];
}

/** A call of a Bot API method. */
export interface Call {
  readonly key: string;
  readonly at: number;
  readonly method: string;
  readonly via: 'token' | 'webhook reply';
  /** By name. JSON parameters are parsed; a file is a `SentFile`. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly durationMs?: number;
  /** Telegram's answer. Absent while the call is in progress, and if the connection broke. */
  readonly answer?: CallAnswer;
  /** Whether a person asked for this answer on the page. */
  readonly isInjected?: boolean;
}

export type CallAnswer =
  | { readonly ok: true; readonly result: unknown }
  | {
      readonly ok: false;
      readonly error_code: number;
      readonly description: string;
      readonly parameters?: Readonly<Record<string, unknown>>;
    };

/** A file that a call uploads, reduced to what identifies it. */
export interface SentFile {
  readonly file: { readonly name: string; readonly bytes: number; readonly sha256: string };
}

export interface QueueState {
  readonly enqueuedAt: number;
  /** How often the bot has received it. */
  readonly attempts: number;
  readonly maxAttempts?: number;
  readonly deletedAt?: number;
  readonly deadLetterAt?: number;
}
