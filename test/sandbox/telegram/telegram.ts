import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Update } from '@grammyjs/types';
import { type Clock, systemClock } from '../clock.ts';
import type { Network } from '../network/network.ts';
import { Signal } from '../signal.ts';
import { Bot, type NewBot } from './bot.ts';
import {
  type AnsweredCall,
  type Download,
  EmulatedBotApi,
  type RecordedCall,
  type StartedCall,
} from './bot-api.ts';
import type { BotApiAnswer } from './bot-api-error.ts';
import type { CallForwarder } from './call-forwarder.ts';
import type { Chat } from './chat.ts';
import type { AttemptReport, WaitingUpdate } from './delivery.ts';
import type { TelegramFault } from './faults.ts';
import { NextFaults } from './next-faults.ts';
import type { BusinessAccount } from './person/business.ts';
import type { Group, GroupOptions } from './person/group.ts';
import type { Person } from './person/person.ts';
import { Resolver } from './resolver.ts';
import type { NewUpdate } from './update-types.ts';
import { Webhook, type WebhookState } from './webhook.ts';

export interface TelegramOptions {
  readonly network: Network;
  /** @default systemClock */
  readonly clock?: Clock;
  /** @default 'api.telegram.org' */
  readonly host?: string;
  /** Returns a number from 0 to 1, used where Telegram leaves things to chance. @default Math.random */
  readonly random?: () => number;
}

/** An update, and the bot that it is for. */
export interface BotUpdate {
  readonly botId: number;
  readonly update: Update;
}

export interface DeliveryReport extends BotUpdate, AttemptReport {}

/**
 * Telegram as a bot's server sees it: the Bot API at `api.telegram.org`, the deliveries to webhooks,
 * and people to chat with.
 */
export class Telegram {
  /** Injects faults in tests: called for every HTTP call before Telegram acts on it. */
  intercept?: (call: RecordedCall) => TelegramFault | undefined;
  /** Passes calls on to another Bot API. @default - all are emulated */
  forwarder?: CallForwarder;
  /** Answers calls of bots in place of Telegram, unless it returns undefined: for replays. */
  answerInstead?: (call: RecordedCall) => BotApiAnswer | undefined;
  /** Returns the content of a file that Telegram does not have, by its path: for replays. */
  fileInstead?: (path: string) => Buffer | undefined;
  /** Answers that the next calls get. */
  readonly nextFaults = new NextFaults();
  /** An update has arisen that a bot has asked for. */
  readonly arisen = new Signal<BotUpdate>();
  /** An attempt to deliver an update begins. */
  readonly attempting = new Signal<BotUpdate>();
  /** An attempt to deliver an update has ended, and the method call in its reply has been executed. */
  readonly attempted = new Signal<DeliveryReport>();
  /** An attempt has been given up because the webhook changes. */
  readonly aborted = new Signal<BotUpdate>();
  /** Telegram has no more to do for an update. */
  readonly forgotten = new Signal<BotUpdate & { readonly isDelivered: boolean }>();
  readonly called = new Signal<StartedCall>();
  readonly answered = new Signal<AnsweredCall>();
  /** A bot has downloaded a small file. */
  readonly downloaded = new Signal<Download>();
  /** Called once for each method, or other part of Telegram, that a bot needs and the sandbox does not emulate. */
  onLimit?: (what: string) => void;
  /** Telegram's lookup of webhook hosts, which tests may override. */
  readonly resolver: Resolver;
  private readonly options: Required<TelegramOptions>;
  private readonly api: EmulatedBotApi;
  private readonly bots = new Map<number, Bot>();
  private readonly stopServing: () => void;
  private readonly open = new Set<ServerResponse>();

  static async start(options: TelegramOptions): Promise<Telegram> {
    return new Telegram(options);
  }

  private constructor(options: TelegramOptions) {
    const {
      network,
      clock = systemClock,
      host = 'api.telegram.org',
      random = Math.random,
    } = options;
    this.options = { network, clock, host, random };
    this.resolver = new Resolver(clock, (name) => network.knows(name));
    this.api = new EmulatedBotApi({
      botWithToken: (token) => [...this.bots.values()].find((bot) => bot.token === token),
      clock,
      intercept: (call) => this.intercept?.(call),
      forwarder: () => this.forwarder,
      onLimit: (what) => this.onLimit?.(what),
      answerInstead: (call) => this.answerInstead?.(call),
      fileInstead: (path) => this.fileInstead?.(path),
      onDownload: (download) => this.downloaded.emit(download),
      nextFaults: this.nextFaults,
      onCall: (started) => this.called.emit(started),
      onAnswer: (answered) => this.answered.emit(answered),
    });
    this.stopServing = network.serve(host, (request, response) => this.handle(request, response));
  }

  /** Every call of a Bot API method since the start, including those in webhook replies. */
  get calls(): readonly RecordedCall[] {
    return this.api.calls;
  }

  /** Handles a Bot API request, for tests that serve the API outside the network. */
  handle(request: IncomingMessage, response: ServerResponse): void {
    this.open.add(response);
    response.once('close', () => this.open.delete(response));
    this.api.handle(request, response);
  }

  createBot(profile: NewBot): Bot {
    const { clock } = this.options;
    const bot = new Bot(profile, clock, (owner) => this.newWebhook(owner));
    if (this.bots.has(bot.id)) throw new Error(`Bot ${bot.id} already exists`);
    this.bots.set(bot.id, bot);
    const { id: botId, pending } = bot;
    pending.added.listen((update) => this.arisen.emit({ botId, update }));
    pending.removed.listen((removed) => this.forgotten.emit({ botId, ...removed }));
    return bot;
  }

  rotateToken(botId: number, token: string): void {
    this.bot(botId).rotateToken(token);
  }

  /** Returns everything Telegram holds about a webhook, even the secret; undefined without a webhook. */
  webhook(botId: number): WebhookState | undefined {
    return this.bot(botId).webhook.state;
  }

  /** Erases the webhook, as a setWebhook call does that is then refused. */
  eraseWebhook(botId: number): void {
    void this.bot(botId).webhook.close();
  }

  /** Returns a person's side of the chat with a bot. */
  chat(botId: number, person: Person): Chat {
    return this.bot(botId).chatWith(person);
  }

  /** Creates a group, a forum or a channel with the bot in it. */
  group(botId: number, options: GroupOptions): Group {
    return this.bot(botId).createGroup(options);
  }

  /** Connects a bot to a person's business account, whose customers it then answers. */
  business(botId: number, owner: Person): BusinessAccount {
    return this.bot(botId).connectBusiness(owner);
  }

  /**
   * Creates an update of any type, as if it had happened. Returns its id; undefined when the bot has
   * not asked for that type, or has as many pending as Telegram keeps.
   */
  deliver(botId: number, update: NewUpdate): number | undefined {
    return this.bot(botId).receive(update);
  }

  /** Returns the updates that Telegram has for a bot and could not deliver to its webhook yet. */
  waiting(botId: number): WaitingUpdate[] {
    return this.bot(botId).webhook.waiting();
  }

  /** Delivers at once the updates that wait for their next attempt. */
  retry(botId: number): void {
    this.bot(botId).webhook.retry();
  }

  /** Drops one update, so that those behind it are delivered. @returns whether it was waiting */
  drop(botId: number, updateId: number): boolean {
    return this.bot(botId).webhook.drop(updateId);
  }

  async close(): Promise<void> {
    this.stopServing();
    for (const response of this.open) response.destroy();
    for (const bot of this.bots.values()) bot.polling.close();
    await Promise.all([...this.bots.values()].map((bot) => bot.webhook.close()));
  }

  private bot(id: number): Bot {
    const bot = this.bots.get(id);
    if (!bot) throw new Error(`There is no bot ${id}`);
    return bot;
  }

  private newWebhook(bot: Bot): Webhook {
    const { clock, network, random } = this.options;
    return new Webhook({
      pending: bot.pending,
      network,
      resolver: this.resolver,
      clock,
      random,
      onReply: (reply, { update_id }) => this.api.obey(bot, reply, update_id),
      onStart: (update) => this.attempting.emit({ botId: bot.id, update }),
      onAttempt: (report) => this.attempted.emit({ botId: bot.id, ...report }),
      onAbort: (update) => this.aborted.emit({ botId: bot.id, update }),
    });
  }
}
