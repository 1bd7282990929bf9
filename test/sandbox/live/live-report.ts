import type { Chat, Update, User } from '@grammyjs/types';
import type { BatchReport } from '../aws/event-sources/event-source-mapping.ts';
import type { Sandbox } from '../sandbox.ts';
import type { RecordedCall } from '../telegram/bot-api.ts';
import type { BotApiAnswer } from '../telegram/bot-api-error.ts';
import type { DeliveryReport } from '../telegram/telegram.ts';
import { BotLog } from '../terminal/bot-log.ts';
import type { LocalBot } from '../terminal/bots.ts';
import { describeUpdate } from '../terminal/describe-update.ts';
import { type FailedAttempt, Failures } from '../terminal/failures.ts';
import { InTransit, updateIn } from '../terminal/in-transit.ts';
import { indent, line, type SafeText, style, visible } from '../terminal/style.ts';

export interface LiveReportOptions {
  readonly sandbox: Pick<Sandbox, 'telegram' | 'clock'> & {
    readonly aws: { readonly logs: Sandbox['aws']['logs'] };
  };
  readonly bot: LocalBot;
  readonly print: (text: SafeText) => void;
}

const AT_NEXT_START = { end: 'it comes again at the next start' };

/** Shows a bot that people use on the real Telegram: their updates, its calls, its log and its failures. */
export class LiveReport {
  readonly inTransit: InTransit;
  /** Whether what fails from now on is for the next start. */
  isEnding = false;
  private bot: LocalBot;
  private readonly options: LiveReportOptions;
  private readonly failures: Failures;
  private readonly log: BotLog;
  private hasHinted = false;

  constructor(options: LiveReportOptions) {
    this.options = options;
    const { sandbox, bot, print } = options;
    this.bot = bot;
    this.inTransit = new InTransit(sandbox.telegram, bot);
    this.failures = new Failures({
      ...{ inTransit: this.inTransit, clock: sandbox.clock, print },
      hints: false,
    });
    this.log = new BotLog(sandbox.aws.logs, bot.logGroups);
    this.log.news();
  }

  /** Takes over the resources that another deploy has given the bot. */
  redeployed(bot: LocalBot): void {
    this.bot = bot;
    this.log.follow(bot.logGroups);
    this.inTransit.follow(bot);
  }

  onUpdate(update: Update): void {
    this.options.print(
      line`${style('green', `→ ${senderOf(update)}:`)} ${visible(describeUpdate(update))}`,
    );
  }

  onCall({ method, via }: RecordedCall, answer: BotApiAnswer | undefined): void {
    this.showLog();
    const name = `← ${method}${via === 'http' ? '' : ' (webhook reply)'}`;
    const problem = answer ? !answer.ok && answer.description : 'Telegram was not reached';
    this.options.print(
      problem === false ? line`${style('cyan', name)} ok` : style('red', `${name}: ${problem}`),
    );
  }

  onAttempt({ update, problem }: Pick<DeliveryReport, 'update' | 'problem'>): void {
    this.showLog();
    if (!problem) return;
    const waiting = this.inTransit.find(update.update_id);
    this.fail({
      ...{ update, problem: `Not delivered: ${problem}`, by: 'Telegram' },
      attempt: waiting?.failures ?? 1,
      ...(this.isEnding ? AT_NEXT_START : !waiting && { end: 'Telegram gives up' }),
    });
  }

  onBatch(report: BatchReport): void {
    this.showLog();
    this.inTransit.onBatch(report);
    const maxReceiveCount = this.bot.queue?.updates.configuration.redrive?.maxReceiveCount;
    const failedGroups = new Set<string>();
    for (const message of report.batch) {
      // Behind the first one that fails, those of the same group were not tried.
      if (!report.failedIds.has(message.id) || failedGroups.has(message.group)) continue;
      failedGroups.add(message.group);
      const attempt = message.receiveCount;
      this.fail({
        ...{ update: updateIn(message), attempt, problem: 'The bot failed', by: 'the queue' },
        ...(maxReceiveCount !== undefined &&
          attempt >= maxReceiveCount && { end: 'the update is a dead letter now' }),
        ...(this.isEnding && AT_NEXT_START),
      });
    }
  }

  private fail(attempt: FailedAttempt): void {
    this.failures.report(attempt);
    if (attempt.end || this.hasHinted) return;
    this.hasHinted = true;
    this.options.print(
      style('dim', '  Save a fix, and it is delivered again at once. Or drop it on the page.'),
    );
  }

  private showLog(): void {
    for (const text of this.log.news()) this.options.print(style('dim', indent(visible(text))));
  }
}

/** Names the person, and the chat if it is not theirs alone. */
function senderOf(update: Update): string {
  const [payload] = Object.entries(update).flatMap(([name, value]) =>
    name === 'update_id' ? [] : [value as Partial<Record<string, unknown>>],
  );
  const message = payload?.message as { chat?: Chat } | undefined;
  const person = (payload?.from ?? payload?.user) as User | undefined;
  const chat = (payload?.chat ?? message?.chat) as Chat | undefined;
  const name = person && (person.username ? `@${person.username}` : person.first_name);
  const place = chat && chat.type !== 'private' ? chat.title : undefined;
  return [name, place].filter(Boolean).join(' in ') || 'Telegram';
}
