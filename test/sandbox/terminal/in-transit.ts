import type { Update } from '@grammyjs/types';
import type { BatchReport } from '../aws/event-sources/event-source-mapping.ts';
import type { FifoQueue, ReceivedMessage } from '../aws/sqs/fifo-queue.ts';
import type { WaitingUpdate } from '../telegram/delivery.ts';
import type { Telegram } from '../telegram/telegram.ts';
import type { LocalBot } from './bots.ts';

/** The updates that are on their way to a bot: those that Telegram holds, and those in the bot's queue. */
export class InTransit {
  private readonly telegram: Telegram;
  private readonly botId: number;
  private queue: FifoQueue | undefined;
  /** The receipt handles of messages that failed, or that were behind one that did. */
  private readonly failed = new Set<string>();

  constructor(telegram: Telegram, { bot, queue }: Pick<LocalBot, 'bot' | 'queue'>) {
    this.telegram = telegram;
    this.botId = bot.id;
    this.queue = queue?.updates;
  }

  /** Looks into another queue from now on, or into none. */
  follow({ queue }: Pick<LocalBot, 'queue'>): void {
    this.queue = queue?.updates;
  }

  /** Remembers which messages of the queue have failed: the others in flight are being handled. */
  onBatch({ batch, failedIds }: Pick<BatchReport, 'batch' | 'failedIds'>): void {
    for (const { id, receiptHandle } of batch) {
      if (failedIds.has(id)) this.failed.add(receiptHandle);
    }
  }

  /** Returns the updates in the order of their chats. */
  list(): WaitingUpdate[] {
    const inQueue = groups(this.queue).flatMap((group) => this.describe(group));
    return [...this.telegram.waiting(this.botId), ...inQueue];
  }

  find(updateId: number): WaitingUpdate | undefined {
    return this.list().find(({ update }) => update.update_id === updateId);
  }

  /** Returns the updates that have failed and wait for their next attempt. */
  failing(): WaitingUpdate[] {
    return this.list().filter(({ nextAttemptAt }) => nextAttemptAt !== undefined);
  }

  /** Returns the updates that a function is handling at the moment. */
  handling(): Update[] {
    const delivering = this.telegram
      .waiting(this.botId)
      .filter(({ behind, nextAttemptAt }) => !behind && nextAttemptAt === undefined)
      .map(({ update }) => update);
    const received = (this.queue?.messages() ?? []).filter(
      ({ visibleAt, receiptHandle }) => visibleAt !== undefined && !this.failed.has(receiptHandle),
    );
    return [...delivering, ...received.map(updateIn)];
  }

  /** Starts the next attempt of every update that waits for one. */
  retry(): void {
    this.telegram.retry(this.botId);
    for (const handle of this.held()) this.queue?.changeVisibility(handle, 0);
    this.failed.clear();
  }

  /** Drops an update, so that those behind it are delivered. */
  drop(updateId: number): void {
    if (this.telegram.drop(this.botId, updateId)) return;
    for (const group of groups(this.queue)) {
      const [head] = group;
      if (head === undefined || updateIn(head).update_id !== updateId) continue;
      this.queue?.delete(head.receiptHandle);
      // What was received together with it would hold the chat for as long as the dropped one.
      for (const handle of this.held()) {
        if (group.some(({ receiptHandle }) => receiptHandle === handle)) {
          this.queue?.changeVisibility(handle, 0);
        }
      }
    }
  }

  private describe(group: readonly QueuedMessage[]): WaitingUpdate[] {
    const [head] = group;
    if (!head) return [];
    const isPaused = head.visibleAt !== undefined && this.failed.has(head.receiptHandle);
    const update = updateIn(head);
    const isInProgress = head.visibleAt !== undefined && !isPaused;
    return group.map((message) => ({
      update: updateIn(message),
      failures: message === head ? head.receiveCount - (isInProgress ? 1 : 0) : 0,
      nextAttemptAt: message === head && isPaused ? head.visibleAt : undefined,
      behind: message === head ? undefined : update,
    }));
  }

  /** Returns the handles of failed messages that the queue has not delivered again yet. */
  private held(): string[] {
    const inFlight = this.queue?.messages() ?? [];
    return inFlight
      .filter(
        ({ visibleAt, receiptHandle }) => visibleAt !== undefined && this.failed.has(receiptHandle),
      )
      .map(({ receiptHandle }) => receiptHandle);
  }
}

type QueuedMessage = ReturnType<FifoQueue['messages']>[number];

function groups(queue: FifoQueue | undefined): QueuedMessage[][] {
  const found = new Map<string, QueuedMessage[]>();
  for (const message of queue?.messages() ?? []) {
    found.set(message.group, [...(found.get(message.group) ?? []), message]);
  }
  return [...found.values()];
}

/** Returns the update that a message of the queue holds; one without content if it holds anything else. */
export function updateIn({ body }: Pick<ReceivedMessage, 'body'>): Update {
  try {
    const update = JSON.parse(body);
    if (typeof update?.update_id === 'number') return update;
  } catch {
    // Something else than the ingress has sent it.
  }
  return { update_id: 0 };
}
