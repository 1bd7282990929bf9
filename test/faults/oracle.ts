import { leaksIn } from '../end-to-end/no-secret.ts';
import type { StackState } from '../sandbox/cloudformation/cloudformation.ts';
import type { Bot } from '../sandbox/telegram/bot.ts';
import type { FaultKind } from './faults.ts';
import type { Situation, Step } from './steps.ts';
import type { World } from './simulation.ts';

/** What can become of a step, and what that means. */
export const outcomes = {
  recovers: 'it is done as if nothing had happened, and Telegram delivers to it',
  stays:
    'it fails, and the bot delivers where it did before (the former bot, where the token is another)',
  none: 'it fails, and the bot has no webhook, as before',
  sticks:
    'it fails, and so does the way back for the same fault; the webhook that stands delivers, and the reason names the command that ends it',
  lost: 'it fails, and Telegram has taken the former webhook down before it refused, acted or fell silent: the next deploy registers anew',
  dangles:
    'it fails, and what it had set could not be taken back for the same fault: the reason says so, and the next deploy replaces it',
  'lets go':
    'it is done, and leaves a webhook that nobody can reach with what the secret holds: the log says why',
} as const;

export type Outcome = keyof typeof outcomes;

/** How a step went, as far as the world that it left does not tell. */
export interface Account {
  readonly state: StackState;
  /** Of everything that failed. */
  readonly reasons: readonly string[];
  readonly tookMs: number;
  /** How often the fault struck. */
  readonly strikes: number;
}

/** CloudFormation never waits for the last word: each event has its answer within 16 minutes. */
const UNANSWERED = 'did not receive a response';

/** The words of a person who is told what to do. */
const CURE = /deploy again|cdk destroy|create-secret|put-secret-value|See that|npm start/i;

const MINUTE_MS = 60_000;

/** What is to be as it was, or at least not lost, whatever goes wrong. */
export class Before {
  private readonly world: World;
  private readonly situation: Situation;
  private readonly webhook: Webhook;
  private readonly bystander: Webhook;
  /** Updates that nobody has taken yet, by the bot that they are for. */
  private readonly waiting: ReadonlyMap<Bot, number>;

  static async of(world: World, situation: Situation): Promise<Before> {
    const waiting = new Map<Bot, number>();
    for (const bot of [situation.bot, situation.formerBot, situation.bystander]) {
      if (bot) waiting.set(bot, await world.leaveWaiting(bot));
    }
    return new Before(world, situation, waiting);
  }

  private constructor(world: World, situation: Situation, waiting: ReadonlyMap<Bot, number>) {
    this.world = world;
    this.situation = situation;
    this.waiting = waiting;
    this.webhook = webhookOf(world, situation.bot);
    this.bystander = situation.bystander && webhookOf(world, situation.bystander);
  }

  /** Address, secret and settings. */
  get isRestored(): boolean {
    const now = webhookOf(this.world, this.situation.bot);
    return JSON.stringify(now) === JSON.stringify(this.webhook);
  }

  get isBystanderUntouched(): boolean {
    const { bystander } = this.situation;
    const now = bystander && webhookOf(this.world, bystander);
    return JSON.stringify(now) === JSON.stringify(this.bystander);
  }

  get areUpdatesKept(): boolean {
    return [...this.waiting].every(([bot, id]) => this.world.isKept(bot, id));
  }
}

type Webhook = ReturnType<typeof webhookOf> | undefined;

function webhookOf({ telegram }: World, bot: Bot) {
  const { url, secretToken, maxConnections, allowedUpdates, fixedIp, certificate } =
    telegram.webhook(bot.id) ?? {};
  return { url, secretToken, maxConnections, allowedUpdates, fixedIp, certificate };
}

/** Finds out what has become of a step, and holds it to the rule. */
export class Judge {
  /** What does not hold that should. */
  readonly problems: string[] = [];
  private readonly world: World;
  private readonly step: Step;
  private readonly fault: FaultKind;
  private readonly situation: Situation;
  private readonly before: Before;
  private readonly account: Account;

  constructor(
    world: World,
    {
      step,
      fault,
      situation,
      before,
    }: { step: Step; fault: FaultKind; situation: Situation; before: Before },
    account: Account,
  ) {
    this.world = world;
    this.step = step;
    this.fault = fault;
    this.situation = situation;
    this.before = before;
    this.account = account;
  }

  async outcome(): Promise<Outcome> {
    const { step, fault } = this;
    const { state, reasons, tookMs, strikes } = this.account;
    const isDone = /^(CREATE|UPDATE|DELETE)_COMPLETE$/.test(state.status);
    const expected = step.ends === 'done' && this.isSurvived;
    this.demand(isDone === expected, `it ${isDone ? 'is done' : `fails: ${state.reason}`}`);
    this.demand(!reasons.some((reason) => reason.includes(UNANSWERED)), 'it hangs');
    // Two resources wait for Telegram, there and back.
    this.demand(tookMs < 4 * 12 * MINUTE_MS, `it takes ${tookMs / MINUTE_MS} minutes`);
    this.demand(strikes > 0, 'the fault has not struck');
    if (!this.isSurvived && fault.retried) this.demand(strikes > 1, 'it does not try again');
    if (!fault.heals && !fault.retried) {
      this.demand(tookMs < 3 * MINUTE_MS, `it is in vain, and tried for ${tookMs / MINUTE_MS} min`);
    }
    this.demand(this.before.isBystanderUntouched, "another bot's webhook is another one");
    return isDone ? this.done() : this.failed();
  }

  /** A removal can live with more: nobody can act for the bot any more, or Telegram has acted all the same. */
  private get isSurvived(): boolean {
    const { heals, place, beyondReach, takesFormerDown } = this.fault;
    const isRemoval = this.step.kind === 'destroy' || place === 'removal';
    return heals || (isRemoval && (beyondReach === true || takesFormerDown === true));
  }

  /** Once the fault is gone, what a person is told to do brings what the step was to bring. */
  async afterwards(): Promise<void> {
    const { world, step, situation } = this;
    world.faults = {};
    const isOver = step.kind === 'destroy' && this.account.state.status === 'DELETE_COMPLETE';
    if (!isOver) {
      const state = await situation.again();
      this.demand(/^(CREATE|UPDATE|DELETE)_COMPLETE$/.test(state.status), `again: ${state.reason}`);
      if (step.kind === 'destroy') {
        const left = world.webhookHost(situation.bot);
        this.demand(left === this.left, `a second destroy leaves ${left}`);
      } else {
        await this.demandOurs('after the cure');
      }
    }
    this.demand(this.before.areUpdatesKept, 'an update that waited is gone');
    const { outputs, reason } = this.account.state;
    const texts = [...world.texts(), JSON.stringify([{ outputs, reason }])];
    this.demand(leaksIn(texts, world.secretsSeen()) === 0, 'a secret shows');
  }

  /** The host of the webhook that a destroy is to leave; empty for none. */
  private get left(): string {
    return this.situation.leaves ?? '';
  }

  private async done(): Promise<Outcome> {
    const { world, step, fault, situation } = this;
    if (step.kind !== 'destroy') {
      await this.demandOurs('it says so');
      const moved = world.webhookHost(situation.bot) !== situation.former;
      this.demand(!step.moves || moved, 'the webhook has not moved');
      return 'recovers';
    }
    if (!fault.beyondReach) {
      const left = world.webhookHost(situation.bot);
      this.demand(left === this.left, `the destroy leaves ${left}`);
      return 'recovers';
    }
    return this.letsGo();
  }

  private letsGo(): Outcome {
    const warned = this.world.aws.logs
      .lines()
      .some((line) => line.includes('"outcome":"left"') && this.fault.cause.test(line));
    this.demand(warned, 'it does not say why it left the webhook');
    return 'lets go';
  }

  private async failed(): Promise<Outcome> {
    const { world, step, fault, situation } = this;
    const { status } = this.account.state;
    const said = this.account.reasons.join('\n');
    const cause = this.isSurvived ? step.cause : fault.cause;
    this.demand(cause?.test(said), `the cause is not named: ${said}`);
    if (!this.isSurvived) this.demand(CURE.test(said), `no cure is named: ${said}`);
    const isStuck = /^(UPDATE_)?ROLLBACK_FAILED$/.test(status);
    if (isStuck) this.demand(/cdk (rollback|destroy)/.test(said), `no way out is named: ${said}`);

    const host = world.webhookHost(situation.bot);
    const isStanding = host !== '' && world.network.knows(host);
    world.faults = {};
    if (step.kind === 'destroy') {
      this.demand(status === 'DELETE_FAILED', `it ends in ${status}`);
      if (host === '') return 'none';
      await this.demandStanding(host);
      return 'stays';
    }
    if (host !== '' && !isStanding) {
      if (this.isSurvived) return this.letsGo();
      this.demand(/may be left behind/.test(said), 'it does not say what it leaves behind');
      return 'dangles';
    }
    if (isStanding) {
      await this.demandStanding(host, isStuck);
      return isStuck ? 'sticks' : 'stays';
    }
    if (situation.formerBot) {
      const formerHost = world.webhookHost(situation.formerBot);
      const delivered = await world.delivers(situation.formerBot);
      this.demand(formerHost !== '', 'the webhook of the bot before is lost');
      this.demand(delivered === formerHost, 'the bot before does not deliver');
      return isStuck ? 'sticks' : 'stays';
    }
    if (situation.former === '') {
      this.demand(status === 'ROLLBACK_COMPLETE' || step.kind === 'update', `it ends in ${status}`);
      return 'none';
    }
    const isRolledBack = status === 'UPDATE_ROLLBACK_COMPLETE';
    this.demand(!(isRolledBack && step.restores), 'the rollback has not registered anew');
    this.demand(fault.takesFormerDown === true, 'the former webhook is lost');
    return 'lost';
  }

  /** What stands after a failure delivers, and is what stood before unless nobody can go back to it. */
  private async demandStanding(host: string, isStuck = false): Promise<void> {
    const { world, situation, step } = this;
    // Time passes in a delivery, and of an event that came twice one may still be at work, and succeed.
    const { isRestored } = this.before;
    const delivered = await world.delivers(situation.bot);
    const isGone = step.kind === 'destroy' && world.webhookHost(situation.bot) === '';
    this.demand(delivered === host || isGone, 'what stands does not deliver');
    if (isStuck) return;
    if (step.newSecrets) return this.demandOurs('it is rolled back');
    this.demand(host === situation.former, 'a webhook stands that is not the former one');
    this.demand(isRestored, 'the former webhook has other settings');
  }

  private async demandOurs(when: string): Promise<void> {
    const { world, situation } = this;
    const host = world.webhookHost(situation.bot);
    const delivered = await world.delivers(situation.bot);
    const isOurs = host.includes('.execute-api.') && delivered === host;
    this.demand(isOurs, `${when}, and Telegram does not deliver: ${host} ${delivered}`);
    const { maxConnections = 40, allowedUpdates } = situation.settings ?? {};
    const webhook = world.telegram.webhook(situation.bot.id);
    const isAsSaid =
      webhook?.maxConnections === maxConnections &&
      String(webhook.allowedUpdates) === String(allowedUpdates) &&
      webhook.fixedIp === undefined &&
      webhook.certificate === undefined;
    this.demand(isAsSaid, `${when}, and Telegram has other settings: ${JSON.stringify(webhook)}`);
  }

  private demand(holds: boolean | undefined, problem: string): void {
    if (!holds) this.problems.push(problem);
  }
}
