import { isProbe, parseUpdate } from '../inbound/authenticate.ts';
import { describeError, type ErrorFields } from '../runtime/describe-error.ts';
import type { OnUpdate } from './bot-api-call.ts';
import { webhookReply } from './webhook-reply.ts';

/** An update as the queue hands it over. */
export interface QueuedUpdate {
  readonly id: string;
  /** What has to stay in order. */
  readonly group: string;
  /** Whom Telegram has sent it to: the group begins with it. */
  readonly botId: number;
  /** JSON of an `Update`. */
  readonly body: string;
  /** 1 when the queue hands it over for the first time. */
  readonly attempt: number;
}

export interface Consumer {
  readonly botId: number;
  /** How often the queue hands an update over before it becomes a dead letter. */
  readonly maxAttempts: number;
  readonly onUpdate: OnUpdate;
  /** Makes the Bot API call that the bot has returned, given as JSON. Throws when it is to come again. */
  readonly executeCall: (call: string, updateId: number) => Promise<void>;
  /** Until an answer has to be given. */
  readonly remainingMs: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly log: (line: QueuedUpdateFailed | BatchUnfinished) => void;
}

/** The update's content is nobody's business but the bot's: the id is enough to find it again. */
export interface QueuedUpdateFailed extends ErrorFields {
  readonly event: 'update.failed';
  /** Absent when the message holds no update. */
  readonly updateId?: number;
  readonly messageId: string;
  readonly attempt: number;
}

/** The function's time was over before the bot was done. */
export interface BatchUnfinished {
  readonly event: 'batch.unfinished';
  readonly messageIds: readonly string[];
}

/**
 * The rules of queued delivery: groups side by side, in each group one update after the other. After a
 * failure the rest of the group waits, so that nothing overtakes what comes again; other groups go on. What
 * fails for the last time does not come again, and the group goes on at once: the queue has counted an
 * attempt of the rest each time, and would let it go the same way, unseen by the bot.
 * When the time is nearly over, what is done is reported as done, and the rest comes again.
 *
 * AWS's Powertools have a processor for FIFO batches; it takes all groups one after the other, and a
 * function that runs out of time has all of its batch come again.
 *
 * @returns what is not done, for the queue to hand over again
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

/** The secret has got another bot's token meanwhile. Among the dead letters the update waits for the first. */
class ForeignUpdate extends Error {
  constructor(botId: number, own: number) {
    super(
      `The update was sent to bot ${botId}, and the token is of bot ${own}. With the former token deployed again, ` +
        '`npm run dead-letters -- --redrive` has it answered.',
    );
    this.name = 'ForeignUpdate';
  }
}

function inGroups(batch: readonly QueuedUpdate[]): QueuedUpdate[][] {
  const groups = new Map<string, QueuedUpdate[]>();
  for (const message of batch) {
    groups.set(message.group, [...(groups.get(message.group) ?? []), message]);
  }
  return [...groups.values()];
}

/** @returns whether the update is done with */
async function receiveOne(
  { id, botId, body, attempt }: QueuedUpdate,
  { botId: own, onUpdate, executeCall: makeCall, log }: Consumer,
  over: AbortSignal,
): Promise<boolean> {
  const update = parseUpdate(body);
  try {
    if (!update) throw new TypeError('The message holds no update');
    if (isProbe(update)) return true;
    if (botId !== own) throw new ForeignUpdate(botId, own);
    const call = webhookReply(await onUpdate(update));
    // It has been reported as not done, and will come again: one call is enough.
    if (over.aborted) return false;
    if (call) await makeCall(call, update.update_id);
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
