import type { Logs } from '../aws/logs.ts';
import type { Clock } from '../clock.ts';
import type { Sandbox } from '../sandbox.ts';
import type { Telegram } from '../telegram/telegram.ts';
import type { LocalBot } from './bots.ts';
import { Conversation } from './conversation.ts';
import { People } from './people.ts';
import { line, type SafeText, style, visible } from './style.ts';

export interface SessionOptions {
  readonly telegram: Telegram;
  /** @default - people of its own */
  readonly people?: People;
  readonly clock: Clock;
  readonly logs: Logs;
  readonly sqs: Pick<Sandbox['aws']['sqs'], 'redrive'>;
  readonly eventSources: Pick<Sandbox['aws']['eventSources'], 'handled'>;
  readonly bots: readonly LocalBot[];
  readonly print: (line: SafeText) => void;
  readonly hints?: boolean;
  readonly strict?: boolean;
}

/** A bot of the app and the conversation with it. */
export interface Partner extends LocalBot {
  readonly conversation: Conversation;
}

/** The conversations with all bots of the app. One of them is the current one, to which everything typed goes. */
export class Session {
  readonly options: SessionOptions;
  private all: readonly Partner[];
  private chosen: Partner;
  private readonly people: People;
  private readonly stops: readonly (() => void)[];

  constructor(options: SessionOptions) {
    this.options = options;
    const { telegram, people = new People(telegram), eventSources, bots } = options;
    this.people = people;
    this.all = bots.map((deployed) => this.open(deployed));
    this.chosen = this.all[0] as Partner;
    this.stops = [
      telegram.attempted.listen((report) =>
        this.partners.find(({ bot }) => bot.id === report.botId)?.conversation.onDelivery(report),
      ),
      eventSources.handled.listen((report) =>
        this.partners
          .find(({ queue }) => queue?.arn === report.queueArn)
          ?.conversation.onBatch(report),
      ),
    ];
  }

  get partners(): readonly Partner[] {
    return this.all;
  }

  /** Takes over what another deploy has changed: the resources of the bots, and new bots. */
  redeployed(bots: readonly LocalBot[]): void {
    this.all = bots.map((deployed) => {
      const known = this.all.find(({ bot }) => bot === deployed.bot);
      if (!known) return this.open(deployed);
      known.conversation.redeployed(deployed);
      return { ...deployed, conversation: known.conversation };
    });
    const chosen = this.all.find(({ bot }) => bot === this.chosen.bot) ?? this.all[0];
    this.chosen = chosen as Partner;
  }

  private open(deployed: LocalBot): Partner {
    const { people } = this;
    const { print } = this.options;
    const printNews = (text: SafeText) => {
      const isOther = deployed.bot !== this.current.bot;
      print(isOther ? line`${prefixOf(deployed)} ${text}` : text);
    };
    const conversation = new Conversation({
      ...this.options,
      ...deployed,
      people,
      print,
      printNews,
    });
    return { ...deployed, conversation };
  }

  /** Ends the reports: what happens from now on is part of the destroy. */
  close(): void {
    for (const stop of this.stops) stop();
  }

  get current(): Partner {
    return this.chosen;
  }

  get conversation(): Conversation {
    return this.current.conversation;
  }

  get problems(): number {
    return this.partners.reduce((sum, { conversation }) => sum + conversation.problems, 0);
  }

  print(text: SafeText): void {
    this.options.print(text);
  }

  /** Chooses the bot to talk to by its username or the path of its construct. @returns undefined if there is none */
  choose(name: string): Partner | undefined {
    const wanted = name.toLowerCase().replace(/^@/, '');
    const has = ({ bot, path = '' }: Partner) =>
      [bot.user.username, path, ...pathsBelow(path)].some((own) => own.toLowerCase() === wanted);
    const found = this.partners.filter(has);
    if (found.length === 1) this.chosen = found[0] as Partner;
    return found.length === 1 ? found[0] : undefined;
  }

  /** Lets the person with this name speak: always the same one for the same name. */
  speakAs(firstName: string): void {
    const person = this.people.named(firstName);
    for (const { conversation } of this.partners) conversation.as(person);
  }
}

function prefixOf({ bot }: LocalBot): SafeText {
  return style('cyan', `[@${visible(bot.user.username)}]`);
}

/** Returns the ends of a path that name a construct as well: `b/c` and `c` of `a/b/c`, and `a`, its stack. */
function pathsBelow(path: string): string[] {
  const names = path.split('/');
  return [...names.map((_, start) => names.slice(start).join('/')), names[0] ?? ''];
}
