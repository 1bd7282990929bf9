import { isProbe } from '../contract.ts';
import { parseUpdate } from '../inbound/authenticate.ts';
import { describeError, type ErrorFields } from '../runtime/describe-error.ts';
import type { OnUpdate } from './bot-api-call.ts';
import { webhookReply } from './webhook-reply.ts';

/** An update as the queue delivers it. */
export interface QueuedUpdate {
  readonly id: string;
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
  /** How long until a response must be sent. */
  readonly remainingMs: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly log: (line: QueuedUpdateFailed | BatchUnfinished) => void;
}

/** Leaves out the update's content, which is private; the id is enough to find it again. */
export interface QueuedUpdateFailed extends ErrorFields {
  readonly event: 'update.failed';
  /** Absent when the message holds no update. */
  readonly updateId?: number;
  readonly messageId: string;
  readonly attempt: number;
}

/** The time of the invocation was over before the bot was done. */
export interface BatchUnfinished {
  readonly event: 'batch.unfinished';
  readonly messageIds: readonly string[];
}

/**
 * Runs the bot on a batch. Message groups run concurrently; within a group, updates run in order. After a
 * failure the rest of the group goes back to the queue, so nothing overtakes the retry. After the last attempt
 * the group continues: every retry also counted as an attempt of the updates behind it, and they would be
 * dead-lettered without ever reaching the bot. When the time is nearly over, finished updates are reported as
 * done and the rest is delivered again.
 *
 * AWS Powertools has a processor for FIFO batches, but it runs all groups one after another, and a function
 * that runs out of time gets its whole batch again.
 *
 * @returns the updates that the queue must deliver again
 */
export async function receiveBatch(
  batch: readonly QueuedUpdate[],
  consumer: Consumer,
): Promise<readonly QueuedUpdate[]> {
  const done = new Set<QueuedUpdate>();
  const over = new AbortController();
  const work = Promise.all(
    inGroups(batch).map(async (group) => {
      for (const message of group) {
        if (over.signal.aborted) return;
        if (await receiveOne(message, consumer, over.signal)) done.add(message);
        else if (message.attempt < consumer.maxAttempts) return;
      }
    }),
  );
  const timeIsOver = consumer.sleep(consumer.remainingMs(), over.signal).then(() => 'over');
  const ending = await Promise.race([work, timeIsOver]);
  over.abort();
  const unfinished = batch.filter((message) => !done.has(message));
  if (ending === 'over') {
    consumer.log({ event: 'batch.unfinished', messageIds: unfinished.map(({ id }) => id) });
  }
  return unfinished;
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

/** Runs the bot on one update, and returns whether the update is done. */
async function receiveOne(
  { id, botId, body, attempt }: QueuedUpdate,
  { botId: own, onUpdate, executeCall, log }: Consumer,
  over: AbortSignal,
): Promise<boolean> {
  const update = parseUpdate(body);
  try {
    if (!update) throw new TypeError('The message holds no update');
    if (isProbe(update)) return true;
    if (botId !== own) throw new ForeignUpdateError(botId, own);
    const call = webhookReply(await onUpdate(update));
    // The update was reported as unfinished and will be delivered again: its call must not run twice.
    if (over.aborted) return false;
    if (call) await executeCall(call, update.update_id);
    return true;
  } catch (error) {
    log({
      event: 'update.failed',
      updateId: update?.update_id,
      messageId: id,
      attempt,
      ...describeError(error),
    });
    return false;
  }
}
