import type { Clock } from '../clock.ts';
import type { StackState } from '../cloudformation/stack.ts';
import type { Network } from '../network/network.ts';
import type { Sandbox } from '../sandbox.ts';
import { Signal } from '../signal.ts';
import type { Bot } from '../telegram/bot.ts';
import type { LocalBot } from '../terminal/bots.ts';
import { InTransit } from '../terminal/in-transit.ts';
import { type People, type Visit, YOU } from '../terminal/people.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { performAction } from './actions/index.ts';
import { viewBot } from './bot-view.ts';
import { ForeignWebhooks } from './foreign-webhooks.ts';
import { LastSent } from './last-sent.ts';
import { Place } from './place.ts';
import type {
  ActionResult,
  BotView,
  DiagnosisView,
  PageEvent,
  PageState,
  Problem,
  StackView,
} from './protocol.ts';

/** The parts of a sandbox that the page looks into. */
export interface PageSandbox extends Pick<Sandbox, 'telegram' | 'storedTokenOf' | 'storeTokenOf'> {
  readonly clock: Clock;
  readonly network: Pick<Network, 'serve'>;
  readonly aws: {
    readonly sqs: Pick<Sandbox['aws']['sqs'], 'redrive'>;
    readonly eventSources: Pick<Sandbox['aws']['eventSources'], 'handled'>;
  };
}

export interface PageOptions {
  readonly sandbox: PageSandbox;
  readonly staging: {
    readonly people: People;
    readonly states: readonly StackState[];
    findLocalBots(): readonly LocalBot[];
  };
  readonly timeline: Pick<Timeline, 'entries' | 'changed' | 'markOrigin'>;
  /** The bot that people use on the real Telegram, in live mode. @default - all bots are on the local one */
  readonly real?: RealPlace;
}

/** Where people use a bot. */
export interface RealPlace {
  readonly botId: number;
  readonly apiRoot: string;
}

/** The kinds of problems, the one to show first. */
const PROBLEMS = ['build', 'synthesis', 'deploy', 'types'] as const satisfies Problem['kind'][];

/** Everything that the page shows, and what people do on it. */
export class Page {
  readonly events = new Signal<PageEvent>();
  readonly options: PageOptions;
  readonly foreignWebhooks: ForeignWebhooks;
  private readonly places = new Map<string, Place>();
  private readonly inTransit = new Map<number, InTransit>();
  private readonly diagnoses = new Map<number, DiagnosisView | undefined>();
  /** The latest question to the watch of each bot, by its id. */
  private readonly questions = new Map<number, symbol>();
  private readonly problems = new Map<Problem['kind'], Problem>();
  /** The view of each bot, by its id. */
  private readonly sentBots = new Map<number, LastSent>();
  private readonly sentStacks = new LastSent();
  private readonly stop: readonly (() => void)[];
  private locals: readonly LocalBot[] = [];
  private refreshing: NodeJS.Immediate | undefined;
  private isClosed = false;

  constructor(options: PageOptions) {
    this.options = options;
    const { sandbox, staging, timeline } = options;
    this.foreignWebhooks = new ForeignWebhooks(sandbox);
    this.stop = [
      staging.people.entered.listen((visit) => this.open(visit)),
      timeline.changed.listen((entry) => {
        this.events.emit({ type: 'entry', entry });
        this.refreshSoon();
      }),
      sandbox.aws.eventSources.handled.listen((report) => {
        const local = this.locals.find(({ queue }) => queue?.arn === report.queueArn);
        if (local) this.inTransitTo(local.bot.id).onBatch(report);
        this.refreshSoon();
      }),
    ];
    for (const visit of staging.people.visits) this.open(visit);
    this.redeployed();
  }

  get mode(): PageState['mode'] {
    return this.options.real ? 'live' : 'local';
  }

  get bots(): readonly Bot[] {
    return this.locals.map(({ bot }) => bot);
  }

  state(): PageState {
    const { mode } = this;
    const problem = this.problem();
    return {
      mode,
      bots: this.locals.map((local) => this.viewBot(local)),
      stacks: this.viewStacks(),
      places: [...this.places.values()].map((place) => place.view()),
      entries: this.options.timeline.entries,
      ...(problem && { problem }),
    };
  }

  /** Does what a person wants. @throws UnreadableRequest when what was sent is no action */
  async act(action: unknown): Promise<ActionResult> {
    const result = await performAction(action, this);
    this.refreshSoon();
    return result;
  }

  /** Takes over what a deploy has changed: the resources of the bots, and new bots. */
  redeployed(): void {
    const { sandbox, staging } = this.options;
    this.locals = staging.findLocalBots();
    for (const { bot, queue } of this.locals) {
      const known = this.inTransit.get(bot.id);
      if (known) known.follow({ queue });
      else this.inTransit.set(bot.id, new InTransit(sandbox.telegram, { bot, queue }));
      if (this.mode === 'local') staging.people.enter(bot, YOU);
    }
    this.refreshSoon();
  }

  /** Shows what keeps the saved files from running; nothing of this kind without a problem. */
  show(kind: Problem['kind'], problem?: Omit<Problem, 'kind'>): void {
    if (problem) this.problems.set(kind, { kind, ...problem });
    else if (!this.problems.delete(kind)) return;
    this.events.emit({ type: 'problem', problem: this.problem() });
  }

  notice(text: string): void {
    this.events.emit({ type: 'notice', text });
  }

  /** Shows what the person has to close. */
  alert(text: string, placeId: string): void {
    this.events.emit({ type: 'alert', text, placeId });
  }

  /** Sends the views that have changed when what is going on has ended: changes come in groups. */
  refreshSoon(): void {
    if (this.isClosed) return;
    this.refreshing ??= setImmediate(() => {
      this.refreshing = undefined;
      this.refresh();
    });
  }

  /** Asks the watch about the bots that it has not been asked about. */
  diagnoseNew(): void {
    for (const { bot, diagnose } of this.locals) {
      if (diagnose && !this.questions.has(bot.id)) this.diagnoseSoon(bot.id);
    }
  }

  /** Asks the watch, without waiting for it. */
  diagnoseSoon(botId: number): void {
    if (!this.local(botId).diagnose) return;
    // It is shown that there is no answer, and a person can ask again.
    this.diagnose(botId).catch(() => {});
  }

  /** Asks the watch how the webhook is. @throws Error when there is no watch, or when it fails */
  async diagnose(botId: number): Promise<void> {
    const { diagnose } = this.local(botId);
    if (!diagnose) throw new Error(NO_WATCH);
    // An answer to an earlier question may come later.
    const question = Symbol();
    this.questions.set(botId, question);
    const set = (diagnosis?: DiagnosisView) => {
      if (this.questions.get(botId) !== question) return;
      this.diagnoses.set(botId, diagnosis);
      this.refreshSoon();
    };
    try {
      const { condition, cause, fix } = await diagnose();
      set({ condition, cause, fix, at: this.options.sandbox.clock.now() });
    } catch (error) {
      set();
      throw error;
    }
  }

  /** @throws Error when the app has no such bot */
  local(botId: number): LocalBot {
    const local = this.locals.find(({ bot }) => bot.id === botId);
    if (!local) throw new Error(`The app has no bot ${botId}. Reload the page.`);
    return local;
  }

  /** @throws Error when there is no such place */
  place(id: string): Place {
    const place = this.places.get(id);
    if (!place) throw new Error('There is no such chat. Reload the page.');
    return place;
  }

  inTransitTo(botId: number): InTransit {
    const found = this.inTransit.get(botId);
    if (!found) throw new Error(`The app has no bot ${botId}. Reload the page.`);
    return found;
  }

  close(): void {
    this.isClosed = true;
    if (this.refreshing) clearImmediate(this.refreshing);
    for (const stop of this.stop) stop();
    for (const place of this.places.values()) place.close();
    this.foreignWebhooks.close();
  }

  private open(visit: Visit): void {
    if (this.mode === 'live') return;
    const place = new Place(visit, this.options.sandbox.clock, (event) => this.events.emit(event));
    this.places.set(place.id, place);
  }

  private refresh(): void {
    for (const place of this.places.values()) place.refresh();
    for (const local of this.locals) {
      const bot = this.viewBot(local);
      const sent = this.sentBots.get(bot.id) ?? new LastSent();
      this.sentBots.set(bot.id, sent);
      if (sent.isNew(bot)) this.events.emit({ type: 'bot', bot });
    }
    const stacks = this.viewStacks();
    if (this.sentStacks.isNew(stacks)) this.events.emit({ type: 'stacks', stacks });
  }

  private viewBot(local: LocalBot): BotView {
    const { sandbox, real } = this.options;
    const { id } = local.bot;
    return viewBot(local, {
      apiRoot: real?.botId === id ? real.apiRoot : undefined,
      diagnosis: this.diagnoses.get(id),
      faults: sandbox.telegram.nextFaults.list(id),
      storedToken: sandbox.storedTokenOf(local.bot),
    });
  }

  private viewStacks(): StackView[] {
    return this.options.staging.states.map(({ name, status, outputs }) => ({
      ...{ name, status },
      outputs: Object.entries(outputs).map(([output, value]) => ({ name: output, value })),
    }));
  }

  private problem(): Problem | undefined {
    return PROBLEMS.map((kind) => this.problems.get(kind)).find((problem) => problem !== undefined);
  }
}

const NO_WATCH =
  'No watch is deployed for this bot. Use a TelegramBot of the kit, and leave its watch on.';
