import { Logs } from '../aws/logs.ts';
import { FifoQueue } from '../aws/sqs/fifo-queue.ts';
import { Signal } from '../signal.ts';
import { type Arrival, DeliveryStage } from '../telegram/fixtures.ts';
import type { BotQueue } from './bots.ts';
import { obey } from './commands/index.ts';
import { Session } from './session.ts';

/** A session with one bot, on a Telegram whose clock stands still and with an endpoint that the test plays. */
export class SessionStage {
  readonly stage: DeliveryStage;
  readonly logs = new Logs();
  readonly printed: string[] = [];
  readonly session: Session;
  readonly queue: BotQueue;

  static async open(
    options: { queued?: boolean; hints?: boolean; strict?: boolean } = {},
  ): Promise<SessionStage> {
    const stage = await DeliveryStage.open();
    await stage.setWebhook();
    return new SessionStage(stage, options);
  }

  private constructor(
    stage: DeliveryStage,
    { queued, ...options }: { queued?: boolean; hints?: boolean; strict?: boolean },
  ) {
    this.stage = stage;
    this.logs.createGroup('bot', {});
    this.queue = newQueue(stage);
    const { telegram, clock, bot } = stage;
    this.session = new Session({
      ...{ telegram, clock, logs: this.logs, eventSources: { handled: new Signal() }, ...options },
      sqs: {
        redrive: () => {
          this.queue.deadLetters?.queue.moveTo(this.queue.updates);
          return {} as never;
        },
      },
      bots: [{ bot, path: 'Kit/Bot', logGroups: ['bot'], ...(queued && { queue: this.queue }) }],
      print: (text) => this.printed.push(text),
    });
  }

  type(typed: string): Promise<void> {
    return obey(typed, this.session);
  }

  /** Returns the lines printed since the last call. */
  news(): string[] {
    return this.printed.splice(0);
  }

  /** Lets the endpoint answer every delivery: with a call of the Bot API, or with 500 for `undefined`. */
  reply(answer: (text: string, arrival: Arrival) => object | undefined): void {
    this.stage.network.automatic = (arrival) => {
      const call = answer(arrival.update.message?.text ?? '', arrival);
      const headers = { 'content-type': 'application/json' };
      if (call) arrival.answer(200, { headers, body: JSON.stringify(call) });
      else arrival.answer(500);
    };
  }

  /** Puts what Telegram delivers into the queue, as the ingress does. */
  enqueue(): void {
    this.stage.network.automatic = (arrival) => {
      const deduplicationId = String(arrival.update.update_id);
      this.queue.updates.send({
        body: JSON.stringify(arrival.update),
        group: '1',
        deduplicationId,
      });
      arrival.answer(200);
    };
  }

  /**
   * Lets the bot handle what the queue has to offer, in batches. Those of a batch that come behind one that fails are
   * not tried, and go back together with it.
   */
  handleQueued(succeeds: (text: string) => boolean, { retryMs = 8000, max = 1 } = {}): void {
    const { updates } = this.queue;
    for (let batch = updates.receive({ max }); batch.length > 0; batch = updates.receive({ max })) {
      const texts = batch.map(({ body }) => JSON.parse(body).message.text);
      const failing = texts.findIndex((text) => !succeeds(text));
      const failed = failing < 0 ? [] : batch.slice(failing);
      for (const message of batch) {
        if (failed.includes(message)) updates.changeVisibility(message.receiptHandle, retryMs);
        else updates.delete(message.receiptHandle);
      }
      this.session.options.eventSources.handled.emit({
        ...{ messages: batch.length, failed: failed.length, queueArn: this.queue.arn, batch },
        failedIds: new Set(failed.map(({ id }) => id)),
      });
    }
  }

  close(): Promise<void> {
    return this.stage.close();
  }
}

/** A queue with dead letters after the second attempt. */
export function newQueue({ clock }: Pick<DeliveryStage, 'clock'>): BotQueue {
  const settings = {
    ...{ visibilityTimeout: 30, retention: 3600 },
    deduplicationScope: 'messageGroup',
  } as const;
  const deadLetters = new FifoQueue({ ...settings, name: 'DeadLetters.fifo' }, clock);
  const redrive = { deadLetters, maxReceiveCount: 2 };
  return {
    arn: 'arn:updates',
    updates: new FifoQueue({ ...settings, name: 'Updates.fifo', redrive }, clock),
    deadLetters: { arn: 'arn:dead-letters', queue: deadLetters },
  };
}

/** A call that sends a text to the person who speaks first. */
export const message = (text: string, reply_markup?: object) => ({
  ...{ method: 'sendMessage', chat_id: 1001, text },
  ...(reply_markup && { reply_markup }),
});
