import type { BatchReport } from '../aws/event-sources/event-source-mapping.ts';
import type { EventSourceMappings } from '../aws/event-sources/event-source-mappings.ts';
import type { Logs } from '../aws/logs.ts';
import type { Clock } from '../clock.ts';
import type { Bot } from '../telegram/bot.ts';
import type { BotMessage, Chat } from '../telegram/chat.ts';
import type { DeliveryReport, Telegram } from '../telegram/telegram.ts';
import { readableLog } from './readable-log.ts';
import { indent, line, type SafeText, style, visible } from './style.ts';

export interface ConversationOptions {
  readonly telegram: Telegram;
  readonly bot: Bot;
  readonly clock: Clock;
  readonly logs: Logs;
  /** The log group of the bot's function. */
  readonly logGroup: string | undefined;
  /** The mappings that deliver updates to a bot behind a queue. */
  readonly queue?: EventSourceMappings;
  readonly print: (line: SafeText) => void;
}

/** How long to wait for the bot: no function on Lambda runs longer. */
const PATIENCE_MS = 15 * 60_000;

/** A person's chat with the bot as lines of text, with the logs and failures that a developer needs. */
export class Conversation {
  /** How often an update was not delivered or handled, or Telegram refused a call of the bot. */
  problems = 0;
  private readonly options: ConversationOptions;
  private readonly chat: Chat;
  private buttons: string[] = [];
  private logLinesShown = 0;
  private callsShown = 0;
  private settled: () => void = () => {};

  constructor(options: ConversationOptions) {
    this.options = options;
    const { telegram, bot, queue } = options;
    this.chat = telegram.chat(bot.id, { id: 1001, firstName: 'You' });
    this.chat.onMessage((message) => this.showMessage(message));
    this.showNews();
    telegram.onDelivery = (report) => this.onDelivery(report);
    if (queue) queue.onBatch = (report) => this.onBatch(report);
  }

  /**
   * Sends a typed line as a message, or presses the button that `/<number>` names. Resolves when the bot
   * has handled the resulting update, or has failed to.
   */
  async say(typed: string): Promise<void> {
    const [, number] = /^\/(\d+)$/.exec(typed) ?? [];
    const button = this.buttons[Number(number) - 1];
    if (number !== undefined && button === undefined) {
      this.options.print(line`There is no button ${visible(number)}.`);
    } else if (this.isDelivered(button === undefined ? 'message' : 'callback_query')) {
      await this.handled(() => {
        if (button === undefined) this.chat.send(typed);
        else this.chat.press(button).then(({ text }) => this.showToast(text));
      });
    }
  }

  /** Returns whether Telegram delivers updates of this type to the bot. Reports why not. */
  private isDelivered(type: 'message' | 'callback_query'): boolean {
    const { telegram, bot } = this.options;
    const webhook = telegram.webhook(bot.id);
    if (!webhook) this.report('Not delivered: the bot has no webhook any more.');
    else if (webhook.allowedUpdates?.includes(type) !== false) return true;
    else this.report(`Not delivered: the webhook's allowedUpdates do not include ${type}.`);
    return false;
  }

  /** Resolves when the bot has handled the update that `cause` brings about, or has failed to. */
  private async handled(cause: () => void): Promise<void> {
    const settled = new Promise<void>((resolve) => {
      this.settled = resolve;
    });
    cause();
    const done = new AbortController();
    const late = this.options.clock.sleep(PATIENCE_MS, done.signal).then(() => {
      this.report(
        'The update was not handled within 15 minutes, the longest that a function may run.',
      );
    });
    await Promise.race([settled, late]);
    done.abort('handled');
  }

  private report(problem: string): void {
    this.problems++;
    this.options.print(style('red', problem));
  }

  private onDelivery({ problem }: DeliveryReport): void {
    this.showNews();
    if (problem) this.report(`Not delivered: ${problem}. Telegram will try again.`);
    // Behind a queue, a delivered update has not reached the bot yet.
    if (problem || !this.options.queue) this.settled();
  }

  private onBatch({ failed }: BatchReport): void {
    this.showNews();
    if (failed > 0) this.report('The bot failed. The queue will deliver the update again.');
    this.settled();
  }

  private showMessage({ text = '', reply_markup }: BotMessage): void {
    const { bot, print } = this.options;
    print(line`${style('cyan', `@${bot.user.username}:`)} ${visible(text)}`);
    const buttons = reply_markup?.inline_keyboard.flat() ?? [];
    if (buttons.length === 0) return;
    this.buttons = buttons.map((button) => button.text);
    for (const [index, button] of this.buttons.entries()) {
      print(indent(line`${style('cyan', `/${index + 1}`)} [ ${visible(button)} ]`));
    }
  }

  private showToast(text: string): void {
    const { bot, print } = this.options;
    if (!text) return;
    print(line`${style('cyan', `@${bot.user.username}`)} ${style('italic', `(${text})`)}`);
  }

  /** Prints what the bot has logged and what Telegram has refused since the last call. */
  private showNews(): void {
    const { telegram, logs, logGroup, print } = this.options;
    const lines = logGroup ? logs.lines(logGroup) : [];
    for (const logged of lines.slice(this.logLinesShown)) {
      print(style('dim', indent(visible(readableLog(logged)))));
    }
    this.logLinesShown = lines.length;
    for (const { method, answer, via } of telegram.calls.slice(this.callsShown)) {
      if (answer?.ok !== false) continue;
      this.report(`Telegram refused the bot's ${method} (${via}): ${answer.description}`);
    }
    this.callsShown = telegram.calls.length;
  }
}
