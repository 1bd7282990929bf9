import type { Message, Update } from '@grammyjs/types';
import type { BatchReport } from '../aws/event-sources/event-source-mapping.ts';
import type { Logs } from '../aws/logs.ts';
import type { Clock } from '../clock.ts';
import type { Chat } from '../telegram/chat.ts';
import type { Person } from '../telegram/person/person.ts';
import type { DeliveryReport, Telegram } from '../telegram/telegram.ts';
import { type EmulatedUpdateType, type NewUpdate, typeOf } from '../telegram/update-types.ts';
import { BotLog } from './bot-log.ts';
import type { LocalBot } from './bots.ts';
import { Buttons } from './buttons.ts';
import { Calls } from './calls.ts';
import { describeMessage } from './describe-message.ts';
import { describeUpdate } from './describe-update.ts';
import { Failures } from './failures.ts';
import { Following } from './following.ts';
import { InTransit, updateIn } from './in-transit.ts';
import { People, YOU } from './people.ts';
import { Places } from './places.ts';
import { indent, line, type SafeText, style, visible } from './style.ts';

export interface ConversationOptions extends Pick<LocalBot, 'bot' | 'logGroups' | 'queue'> {
  readonly telegram: Telegram;
  /** @default - people of its own */
  readonly people?: People;
  readonly clock: Clock;
  readonly logs: Logs;
  /** Prints a message of the bot. */
  readonly print: (line: SafeText) => void;
  /** Prints what the bot has logged, and its problems. @default - as messages */
  readonly printNews?: (line: SafeText) => void;
  /** Whether to say which commands help after a failure, and what the bot is busy with. @default false */
  readonly hints?: boolean;
  /** Whether calls of methods that the sandbox does not emulate count as problems. @default false */
  readonly strict?: boolean;
}

/** How long the bot may take before the chat says that it is busy. */
const LONG_MS = 5000;

/** A person's chat with a bot as lines of text, with the logs and failures that a developer needs. */
export class Conversation {
  /** How often an update was not delivered or handled, or Telegram refused a call of the bot. */
  problems = 0;
  readonly inTransit: InTransit;
  readonly failures: Failures;
  private options: ConversationOptions;
  private readonly log: BotLog;
  private readonly calls: Calls;
  private readonly following: Following;
  /** By id of the chat. */
  private readonly buttonsIn = new Map<number, Buttons>();
  private readonly shownMessages = new Set<string>();
  private readonly places: Places;

  constructor(options: ConversationOptions) {
    this.options = options;
    const { telegram, bot, clock, logs, logGroups, hints = false } = options;
    this.inTransit = new InTransit(telegram, options);
    this.failures = new Failures({
      ...{ clock, hints, inTransit: this.inTransit },
      print: (text) => this.printNews(text),
    });
    this.log = new BotLog(logs, logGroups);
    this.calls = new Calls(telegram, bot.id);
    this.following = new Following(clock);
    const { people = new People(telegram) } = options;
    this.places = new Places(people, bot, YOU, (chat, person) => this.listen(chat, person));
    this.showNews();
  }

  /** Takes over the resources that another deploy has given the bot. */
  redeployed({ logGroups, queue }: Pick<LocalBot, 'logGroups' | 'queue'>): void {
    this.options = { ...this.options, logGroups, queue };
    this.log.follow(logGroups);
    this.inTransit.follow({ queue });
  }

  /** The chat of the person who is speaking. */
  get chat(): Chat {
    return this.places.chat;
  }

  /** The buttons in that chat. */
  get buttons(): Buttons {
    return this.buttonsIn.get(this.places.id) as Buttons;
  }

  get username(): SafeText {
    return visible(this.options.bot.user.username);
  }

  /** Lets another person speak. */
  as(person: Person): void {
    this.places.as(person);
  }

  /** Goes to a group. Resolves when the bot has handled that it was added, if the group is new. */
  async enterGroup(title: string): Promise<void> {
    const { webhook } = this.options.bot;
    // A bot that does not ask to be told is added all the same.
    if (!webhook.allowedUpdates.has('my_chat_member')) return this.places.enterGroup(title);
    await this.act('my_chat_member', () => this.places.enterGroup(title));
  }

  /** Goes back to the private chat. */
  leaveGroup(): void {
    this.places.leaveGroup();
  }

  private listen(chat: Chat, person: Person): void {
    const { bot, print } = this.options;
    this.buttonsIn.set(chat.chat.id, new Buttons(this, print));
    chat.onMessage((message) => {
      if (message.from?.id === bot.id) this.showMessage(message, person);
    });
    chat.onEdit((message) => {
      if (message.from?.id === bot.id) this.showMessage(message, person);
    });
  }

  /** Sends a text as a message. Resolves when the bot has handled the resulting update, or has failed to. */
  say(text: string): Promise<void> {
    return this.act('message', (chat) => chat.send(text));
  }

  /** Delivers an update of any type, as if the person had caused it. */
  deliver(update: NewUpdate): Promise<void> {
    const { telegram, bot } = this.options;
    return this.act(typeOf(update), () => telegram.deliver(bot.id, update));
  }

  /**
   * Lets the person do something that causes an update of the given type. Resolves when the bot has handled the
   * update, or has failed to; prints the message of an error that `action` throws.
   */
  async act(type: EmulatedUpdateType, action: (chat: Chat) => unknown): Promise<void> {
    if (!this.isDelivered(type)) return;
    const before = new Set(this.pendingIds());
    this.log.forgetAnonymousErrors();
    try {
      action(this.chat);
    } catch (error) {
      this.options.print(visible(error instanceof Error ? error.message : String(error)));
      return;
    }
    await this.follow(this.pendingIds().filter((id) => !before.has(id)));
  }

  /** Delivers at once what has failed. Resolves when it is handled, or has failed again. */
  async retry(): Promise<void> {
    const failing = this.inTransit.failing().map(({ update }) => update);
    if (failing.length === 0) return this.options.print(line`No update waits for another attempt.`);
    const ids = failing.map(({ update_id }) => update_id);
    await this.follow(ids, () => this.inTransit.retry());
  }

  /** Drops the update that has failed, so that the chat goes on. Resolves when those behind it are handled. */
  async drop(): Promise<void> {
    const dropped = this.inTransit.list().find(({ failures }) => failures > 0)?.update;
    if (!dropped) return this.options.print(line`No update has failed.`);
    const behind = this.inTransit
      .list()
      .filter((other) => other.behind?.update_id === dropped.update_id)
      .map(({ update }) => update.update_id);
    this.options.print(visible(`Dropped ${describeUpdate(dropped)}.`));
    this.following.settle(dropped.update_id);
    await this.follow(behind, () => this.inTransit.drop(dropped.update_id));
  }

  /** Shows the answer to a pressed button when it comes. */
  async showToast(answer: Promise<{ readonly text: string }>): Promise<void> {
    const { text } = await answer;
    if (!text) return;
    this.options.print(line`${style('cyan', `@${this.username}`)} ${style('italic', `(${text})`)}`);
  }

  /** Takes the report of an attempt to deliver an update to this bot. */
  onDelivery({ update, problem }: DeliveryReport): void {
    this.showNews();
    const { queue } = this.options;
    if (problem) {
      const waiting = this.inTransit.find(update.update_id);
      this.problems++;
      this.failures.report({
        ...{ update, problem: `Not delivered: ${problem}`, by: 'Telegram' },
        attempt: waiting?.failures ?? 1,
        ...(!waiting && { end: 'Telegram gives up' }),
      });
    }
    // Behind a queue, a delivered update has not reached the bot yet.
    if (problem || !queue) this.following.settle(update.update_id);
    this.settleHeldUp();
  }

  /** Takes the report of a batch of this bot's queue. */
  onBatch(report: BatchReport): void {
    this.showNews();
    this.inTransit.onBatch(report);
    const failedGroups = new Set<string>();
    for (const message of report.batch) {
      const update = updateIn(message);
      const hasFailed = report.failedIds.has(message.id);
      // Behind the first one that fails, those of the same group were not tried.
      if (hasFailed && failedGroups.has(message.group)) continue;
      if (hasFailed) {
        failedGroups.add(message.group);
        this.reportFailed(update, message.receiveCount);
      }
      this.following.settle(update.update_id);
    }
    this.settleHeldUp();
  }

  private reportFailed(update: Update, attempt: number): void {
    const { maxReceiveCount = Number.POSITIVE_INFINITY } =
      this.options.queue?.updates.configuration.redrive ?? {};
    this.problems++;
    this.failures.report({
      ...{ update, attempt, problem: 'The bot failed', by: 'the queue' },
      ...(attempt >= maxReceiveCount && {
        end: 'the update is a dead letter now, see :dead-letters',
      }),
    });
  }

  /**
   * Resolves when the updates are handled, have failed, or cannot go on for the moment.
   *
   * @param start lets them go
   */
  async follow(ids: readonly number[], start?: () => void): Promise<void> {
    const ended = new AbortController();
    const done = this.following.follow(ids);
    if (start) start();
    else this.settleHeldUp();
    if (this.options.hints) void this.remind(ids, ended.signal);
    const late = await done;
    ended.abort('settled');
    if (!late) return;
    this.problems++;
    this.printNews(
      style(
        'red',
        'The update was not handled within 15 minutes, the longest that a function may run.',
      ),
    );
  }

  /** Says, once, what the bot is busy with if that takes long. */
  private async remind(ids: readonly number[], ended: AbortSignal): Promise<void> {
    const isOver = await this.options.clock.sleep(LONG_MS, ended).then(
      () => false,
      () => true,
    );
    const [id] = this.following.ids().filter((open) => ids.includes(open));
    const { update } = (id !== undefined && this.inTransit.find(id)) || {};
    if (isOver || !update) return;
    this.printNews(style('dim', `The bot is still busy with ${describeUpdate(update)}.`));
  }

  /** Ends waiting for updates that cannot go on before another one that has failed. */
  private settleHeldUp(): void {
    for (const id of this.following.ids()) {
      const { update, behind } = this.inTransit.find(id) ?? {};
      if (!update || !behind) continue;
      if (this.inTransit.find(behind.update_id)?.nextAttemptAt === undefined) continue;
      this.failures.reportWaiting(update, behind);
      this.following.settle(id);
    }
  }

  private pendingIds(): number[] {
    return this.options.bot.pending.inOrder().map(({ update }) => update.update_id);
  }

  /** Returns whether Telegram delivers updates of this type to the bot. Reports why not. */
  private isDelivered(type: EmulatedUpdateType): boolean {
    const { telegram, bot } = this.options;
    const webhook = telegram.webhook(bot.id);
    if (webhook && bot.webhook.allowedUpdates.has(type)) return true;
    this.problems++;
    this.printNews(
      style(
        'red',
        webhook
          ? `Not delivered: the webhook's allowedUpdates do not include ${type}.`
          : 'Not delivered: the bot has no webhook any more.',
      ),
    );
    return false;
  }

  private showMessage(message: Message, to: Person): void {
    const { chat } = message;
    const key = `${chat.id} ${message.message_id}`;
    const isEdit = message.edit_date !== undefined || this.shownMessages.has(key);
    this.shownMessages.add(key);
    const isHere = chat.id === this.places.id;
    const place = chat.type === 'private' ? `to ${to.firstName}` : `in ${chat.title}`;
    const label = `@${this.username}${isHere ? '' : ` ${place}`}${isEdit ? ' edited' : ''}:`;
    this.options.print(line`${style('cyan', label)} ${visible(describeMessage(message))}`);
    this.buttonsIn.get(chat.id)?.showInline(message);
  }

  private printNews(text: SafeText): void {
    const { print, printNews = print } = this.options;
    printNews(text);
  }

  /** Prints what the bot has logged and what was refused since the last call. */
  private showNews(): void {
    for (const text of this.log.news()) this.printNews(style('dim', indent(visible(text))));
    const { refused, keyboards } = this.calls.news();
    for (const { method, via, description, isLimit } of refused) {
      const isProblem = !isLimit || this.options.strict === true;
      if (isProblem) this.problems++;
      this.printNews(
        isLimit
          ? style(
              isProblem ? 'red' : 'yellow',
              `The sandbox does not emulate ${method}: this call of the bot (${via}) had no effect. Telegram knows the method.`,
            )
          : style('red', `Telegram refused the bot's ${method} (${via}): ${description}`),
      );
    }
    for (const { chatId, keyboard } of keyboards) {
      this.buttonsIn.get(chatId)?.showKeyboard(keyboard);
    }
  }
}
