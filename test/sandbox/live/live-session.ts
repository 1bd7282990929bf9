import type { Update } from '@grammyjs/types';
import type { BatchReport } from '../aws/event-sources/event-source-mapping.ts';
import type { QueueEvent } from '../aws/sqs/fifo-queue.ts';
import type { Sandbox } from '../sandbox.ts';
import type { DeliveryReport } from '../telegram/telegram.ts';
import type { LocalBot } from '../terminal/bots.ts';
import { updateIn } from '../terminal/in-transit.ts';
import type { ReloadedSession } from '../terminal/live.ts';
import { type SafeText, visible } from '../terminal/style.ts';
import type { CallBridge } from './call-bridge.ts';
import { LiveReport } from './live-report.ts';
import { Poller, type PollingEnd } from './poller.ts';
import type { RealBotApi } from './real-bot-api.ts';
import { UnfinishedUpdates } from './unfinished.ts';

export interface LiveSessionOptions {
  readonly sandbox: Pick<Sandbox, 'telegram' | 'clock'> & {
    readonly aws: {
      readonly logs: Sandbox['aws']['logs'];
      readonly eventSources: Pick<Sandbox['aws']['eventSources'], 'handled' | 'stopReceiving'>;
    };
  };
  readonly bot: LocalBot;
  readonly api: RealBotApi;
  /** What the bot's calls go through. */
  readonly bridge: CallBridge;
  /** Prints what people and the bot do. */
  readonly print: (text: SafeText) => void;
  /** Prints what the developer should know. */
  readonly note: (text: SafeText) => void;
}

/** How long the functions may take to finish after the end, by the clock. */
const DRAIN_LIMIT_MS = 60_000;

/**
 * Runs a deployed bot on the real Telegram's updates. Each goes through the emulated Telegram to the webhook, and is
 * confirmed when the bot is done with it: after the delivery and the call in its reply, or after the queue.
 */
export class LiveSession implements ReloadedSession {
  private readonly options: LiveSessionOptions;
  private readonly unfinished = new UnfinishedUpdates();
  private readonly report: LiveReport;
  private readonly stops: (() => void)[];
  private bot: LocalBot;
  private stopQueue = () => {};
  /** The updates whose delivery is in progress, with the call in the reply. */
  private readonly delivering = new Set<number>();
  private onProgress = () => {};
  /** Whether what is not handled yet is for the next start. */
  private isEnding = false;

  constructor(options: LiveSessionOptions) {
    this.options = options;
    const { sandbox, bot, bridge, print } = options;
    const { telegram, aws } = sandbox;
    this.bot = bot;
    this.report = new LiveReport({ sandbox, bot, print });
    bridge.onCall = (call, answer) => this.report.onCall(call, answer);
    this.stops = [
      telegram.attempting.listen(({ botId, update }) => {
        if (botId === this.id) this.delivering.add(update.update_id);
      }),
      telegram.attempted.listen((report) => this.onAttempt(report)),
      telegram.aborted.listen(({ botId, update }) => {
        if (botId === this.id) this.delivering.delete(update.update_id);
      }),
      telegram.forgotten.listen(({ botId, update, isDelivered }) => {
        // Telegram has given up, or a deploy has dropped what was pending.
        if (botId === this.id && !isDelivered && !this.isEnding) this.finish(update);
      }),
      aws.eventSources.handled.listen((report) => this.onBatch(report)),
    ];
    this.followQueue();
  }

  /** Runs until it is interrupted, or Telegram sends no more updates. @returns whether it was interrupted */
  async run(interrupted: AbortSignal): Promise<boolean> {
    const { sandbox, api } = this.options;
    const poller = new Poller({
      ...{ api, clock: sandbox.clock, unfinished: this.unfinished },
      allowedUpdates: () => sandbox.telegram.webhook(this.id)?.allowedUpdates ?? [],
      say: (text) => this.say(text),
      onUpdate: (update) => {
        this.report.onUpdate(update);
        this.bot.bot.adopt(update);
      },
    });
    const end = await poller.run(interrupted);
    await this.drain();
    await this.confirm(poller, end);
    return end === 'stopped';
  }

  redeployed(bots: readonly LocalBot[]): void {
    this.bot = bots.find(({ bot }) => bot.id === this.id) ?? this.bot;
    this.report.redeployed(this.bot);
    this.followQueue();
    if (this.options.sandbox.telegram.webhook(this.id)) return;
    this.say('The app no longer has this bot, so its updates wait until it is back.');
  }

  async retryFailing(): Promise<void> {
    this.report.inTransit.retry();
  }

  /** Ends the reports: what happens from now on is part of the destroy. */
  close(): void {
    for (const stop of this.stops) stop();
    this.stopQueue();
    this.options.bridge.close();
    this.options.sandbox.telegram.forwarder = undefined;
  }

  private get id(): number {
    return this.bot.bot.id;
  }

  private followQueue(): void {
    this.stopQueue();
    const queue = this.bot.queue?.updates;
    this.stopQueue = queue?.happened.listen((event) => this.onQueue(event)) ?? (() => {});
  }

  private onAttempt({ botId, update, problem }: DeliveryReport): void {
    if (botId !== this.id) return;
    this.delivering.delete(update.update_id);
    this.report.onAttempt({ update, problem });
    // Telegram's first retry would follow at once.
    if (problem !== undefined && this.isEnding) this.dropWaiting();
    // It may be in the queue by now, or wait for another attempt.
    else if (!this.report.inTransit.find(update.update_id)) this.finish(update);
    this.onProgress();
  }

  private onBatch(batch: BatchReport): void {
    if (batch.queueArn !== this.bot.queue?.arn) return;
    this.report.onBatch(batch);
    this.onProgress();
  }

  private onQueue({ kind, message }: QueueEvent): void {
    const update = updateIn(message);
    if (kind === 'deleted' || kind === 'dead letter') this.finish(update);
    // A deploy has deleted the queue. On AWS the update is lost then; here it is still at hand.
    else if (kind === 'lost') this.bot.bot.adopt(update);
  }

  private finish({ update_id }: Update): void {
    this.unfinished.finish(update_id);
  }

  /** Lets the functions finish what they are handling, and starts nothing new. */
  private async drain(): Promise<void> {
    this.isEnding = true;
    this.report.isEnding = true;
    const { aws, clock } = this.options.sandbox;
    if (this.bot.queue) aws.eventSources.stopReceiving(this.bot.queue.arn);
    this.dropWaiting();
    if (!this.isBusy()) return;
    this.say('Waiting for what the bot is handling.');
    const over = new AbortController();
    const late = clock.sleep(DRAIN_LIMIT_MS, over.signal).catch(() => {});
    const done = new Promise<void>((resolve) => {
      this.onProgress = () => this.isBusy() || resolve();
    });
    await Promise.race([late, done]);
    over.abort('over');
  }

  /** Drops the updates that are not being delivered: they stay unfinished, and no attempt follows. */
  private dropWaiting(): void {
    const { telegram } = this.options.sandbox;
    for (const { update } of telegram.waiting(this.id)) {
      if (!this.delivering.has(update.update_id)) telegram.drop(this.id, update.update_id);
    }
  }

  private isBusy(): boolean {
    return this.delivering.size > 0 || this.report.inTransit.handling().length > 0;
  }

  private async confirm(poller: Poller, end: PollingEnd): Promise<void> {
    const { size, finishedBehind: handled } = this.unfinished;
    const isConfirmed = await poller.confirm();
    const again = end === 'webhook set' ? 'again to that webhook' : 'again at the next start';
    if (size > 0) {
      const updates = size === 1 ? '1 unfinished update' : `${size} unfinished updates`;
      const were = handled === 1 ? 'was' : 'were';
      const others =
        handled > 0
          ? `, and ${handled} that ${were} handled after ${size === 1 ? 'it' : 'the first'}`
          : '';
      this.say(`Telegram sends ${updates} ${again}${others}.`);
    }
    const deadLetters = this.bot.queue?.deadLetters?.queue.size ?? 0;
    if (deadLetters > 0) this.say(`The dead letters end with this session: ${deadLetters}.`);
    if (!isConfirmed) {
      this.say(`Telegram could not be told what was handled last, and sends that ${again}.`);
    }
  }

  private say(text: string): void {
    this.options.note(visible(text));
  }
}
