import { isProbe } from '../contract.ts';
import { parseUpdate } from '../inbound/authenticate.ts';
import { describeError, type ErrorFields, inspectable } from '../runtime/describe-error.ts';
import type { OnUpdate } from './bot-api-call.ts';
import { retryDelay } from './retry-schedule.ts';
import {
  type CallRefused,
  ForbiddenCallError,
  forbiddenCall,
  webhookReply,
} from './webhook-reply.ts';

/** An update as the queue delivers it. */
export interface QueuedUpdate {
  readonly id: string;
  /** SQS's name for this delivery of the message. */
  readonly receiptHandle: string;
  /** Updates with the same group stay in order. */
  readonly group: string;
  /** The bot that Telegram sent the update to, according to the group. */
  readonly botId: number;
  /** JSON of an `Update`. */
  readonly body: string;
  /** 1 for the queue's first delivery. */
  readonly attempt: number;
}

export interface Consumer {
  readonly botId: number;
  /** How many times the queue delivers an update before it becomes a dead letter. */
  readonly maxAttempts: number;
  readonly onUpdate: OnUpdate;
  /** Executes the Bot API call that the bot returned, given as JSON. Throws if the update must be retried. */
  readonly executeCall: (call: string, updateId: number) => Promise<void>;
  /** The queue, as the bot may use it for messages that it holds. */
  readonly queue: {
    changeVisibility(receiptHandles: readonly string[], seconds: number): Promise<void>;
    delete(receiptHandles: readonly string[]): Promise<void>;
  };
  /** How long until Lambda ends this process. */
  readonly remainingMs: () => number;
  /** How long before that the bot's time is over: enough for a few requests to SQS. */
  readonly marginMs: number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Ends this process. */
  readonly exit: () => void;
  readonly log: (
    line: QueuedUpdateFailed | CallRefused | BatchUnfinished | RetryUnscheduled,
  ) => void;
}

/** Leaves out the update's content, which is private; the id is enough to find it again. */
export interface QueuedUpdateFailed extends ErrorFields {
  readonly event: 'update.failed';
  /** Absent when the message holds no update. */
  readonly updateId?: number;
  readonly messageId: string;
  readonly attempt: number;
  /** When the next attempt starts, in seconds; absent after the last attempt. */
  readonly retryInSeconds?: number;
}

/** A log line about updates that ran out of time. */
export interface BatchUnfinished {
  readonly event: 'batch.unfinished';
  readonly messageIds: readonly string[];
}

/** A log line about a retry that could not be scheduled: the queue's visibility timeout applies instead. */
export interface RetryUnscheduled extends ErrorFields {
  readonly event: 'retry.unscheduled';
  readonly messageIds: readonly string[];
}

/** How long a bot that reacts to its signal may take for that. */
const GRACE_MS = 500;

/**
 * Runs the bot on a batch from the queue. Message groups run concurrently; within a group, updates run in order.
 * After a failure the rest of the group goes back to the queue, so nothing overtakes the retry. After the last
 * attempt the group continues: every retry also counted as an attempt of the updates behind it, and they would be
 * dead-lettered without ever reaching the bot.
 *
 * When the time is over, the bot's signal is aborted. Work that goes on must not resume in a later invocation, where
 * it could overtake its chat, so the process ends: by Lambda's own timeout if nothing in the batch is done, otherwise
 * at once, after the finished messages are deleted.
 *
 * AWS Powertools has a processor for FIFO batches, but it runs all groups one after another, and a function that
 * runs out of time gets its whole batch again.
 *
 * @returns the updates that the queue must deliver again
 */
export async function receiveBatch(
  batch: readonly QueuedUpdate[],
  consumer: Consumer,
): Promise<readonly QueuedUpdate[]> {
  const run: BatchRun = {
    consumer,
    done: new Set(),
    scheduled: new Set(),
    over: new AbortController(),
  };
  const work = Promise.all(inGroups(batch).map((group) => receiveGroup(group, run)));
  const unfinished = () => batch.filter((message) => !run.done.has(message));
  if (await endsWithin(consumer.remainingMs() - consumer.marginMs, work, consumer)) {
    return unfinished();
  }

  run.over.abort(new Error('The time for this update is over'));
  consumer.log({ event: 'batch.unfinished', messageIds: unfinished().map(({ id }) => id) });
  const hasReacted = await endsWithin(GRACE_MS, work, consumer);
  const retryOpen = (additionalSeconds?: number) => {
    const open = unfinished().filter((message) => !run.scheduled.has(message));
    return Promise.all(
      inGroups(open).map((group) => scheduleRetry(group, undefined, run, additionalSeconds)),
    );
  };
  if (hasReacted) {
    await retryOpen();
    return unfinished();
  }
  if (run.done.size > 0) {
    const handles = [...run.done].map(({ receiptHandle }) => receiptHandle);
    await consumer.queue.delete(handles).catch(() => {});
    await retryOpen();
    consumer.exit();
  }
  // Lambda will end this process. Until then no other process may receive the updates.
  await retryOpen(Math.ceil(Math.max(0, consumer.remainingMs()) / 1000) + 1);
  await work;
  return unfinished();
}

interface BatchRun {
  readonly consumer: Consumer;
  readonly done: Set<QueuedUpdate>;
  /** Updates that the queue delivers again, possibly to another process, while this batch is still running. */
  readonly scheduled: Set<QueuedUpdate>;
  readonly over: AbortController;
}

/** Waits for the work, and returns whether it ended in time. */
async function endsWithin(
  ms: number,
  work: Promise<unknown>,
  consumer: Consumer,
): Promise<boolean> {
  const ended = new AbortController();
  const timeIsOver = consumer.sleep(Math.max(0, ms), ended.signal).then(() => false);
  const hasEnded = await Promise.race([work.then(() => true), timeIsOver]);
  ended.abort();
  return hasEnded;
}

/** Runs the bot on the updates of one group, in order. */
async function receiveGroup(group: readonly QueuedUpdate[], run: BatchRun): Promise<void> {
  const { consumer, done, over } = run;
  for (const [index, message] of group.entries()) {
    if (over.signal.aborted) return;
    const outcome = await receiveOne(message, consumer, over.signal);
    if (outcome === 'done') done.add(message);
    if (outcome === 'done' || over.signal.aborted) continue;
    if (message.attempt < consumer.maxAttempts)
      return scheduleRetry(group.slice(index), outcome, run);
    await scheduleRetry([message], outcome, run);
  }
}

/** The error that an update failed with. */
interface Failed {
  readonly error: unknown;
}

/**
 * Makes the queue deliver messages of a group again after the delay of the first one, all at the same time, because
 * one that is still in flight holds its whole group. After the last attempt the delay is 0: SQS moves a message to the
 * dead letters only when it would deliver it again.
 */
async function scheduleRetry(
  messages: readonly QueuedUpdate[],
  failed: Failed | undefined,
  { consumer, scheduled }: BatchRun,
  additionalSeconds = 0,
): Promise<void> {
  const [first] = messages;
  if (!first) return;
  const { maxAttempts, queue, log } = consumer;
  const delay = first.attempt < maxAttempts ? retryDelay(failed?.error, first.attempt) : 0;
  for (const message of messages) scheduled.add(message);
  const handles = messages.map(({ receiptHandle }) => receiptHandle);
  try {
    await queue.changeVisibility(handles, delay + additionalSeconds);
  } catch (error) {
    const messageIds = messages.map(({ id }) => id);
    log({ event: 'retry.unscheduled', messageIds, ...describeError(error) });
  }
}

/**
 * The token was replaced by another bot's after this update was queued. The update becomes a dead letter, and
 * can be redriven once the previous token is deployed again.
 */
class ForeignUpdateError extends Error {
  constructor(botId: number, own: number) {
    super(
      `The update was sent to bot ${botId}, but the token belongs to bot ${own}. Deploy the token of bot ${botId} again, ` +
        'then run `npm run dead-letters -- --redrive` to process it.',
    );
    this.name = 'ForeignUpdateError';
  }
}

function inGroups(batch: readonly QueuedUpdate[]): QueuedUpdate[][] {
  const groups = new Map<string, QueuedUpdate[]>();
  for (const message of batch) {
    groups.set(message.group, [...(groups.get(message.group) ?? []), message]);
  }
  return [...groups.values()];
}

/** Runs the bot on one update. Never rejects. */
async function receiveOne(
  { id, botId, body, attempt }: QueuedUpdate,
  { botId: own, maxAttempts, onUpdate, executeCall, log }: Consumer,
  over: AbortSignal,
): Promise<'done' | Failed> {
  const update = parseUpdate(body);
  try {
    if (!update) throw new TypeError('The message holds no update');
    if (isProbe(update)) return 'done';
    if (botId !== own) throw new ForeignUpdateError(botId, own);
    const call = webhookReply(await onUpdate(update, { signal: over }));
    // The update was reported as unfinished and will be delivered again: its call must not run twice.
    if (call && over.aborted) return { error: over.reason };
    if (call) await executeCall(call, update.update_id);
    return 'done';
  } catch (thrown) {
    const error = inspectable(thrown);
    if (update && error instanceof ForbiddenCallError) {
      log(forbiddenCall(update.update_id, error));
      return 'done';
    }
    log({
      event: 'update.failed',
      updateId: update?.update_id,
      messageId: id,
      attempt,
      ...(attempt < maxAttempts && !over.aborted && { retryInSeconds: retryDelay(error, attempt) }),
      ...describeError(error),
    });
    return { error };
  }
}
