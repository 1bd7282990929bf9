import { leaksIn } from '../end-to-end/no-secret.ts';
import type { Bot, StackState } from '../sandbox/index.ts';
import type { FaultKind } from './faults.ts';
import type { Simulation } from './simulation.ts';
import type { Scenario, Step } from './steps.ts';

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

export type StepOutcome = keyof typeof outcomes;

/** How a step went, as far as the simulation that it left does not tell. */
export interface StepResult {
  readonly state: StackState;
  /** Of everything that failed. */
  readonly reasons: readonly string[];
  readonly tookMs: number;
  /** How often the fault struck. */
  readonly injections: number;
}

/** CloudFormation never waits for the last word: each event has its answer within 16 minutes. */
const UNANSWERED = 'did not receive a response';

/** The words of a person who is told what to do. */
const FIX = /deploy again|cdk destroy|create-secret|put-secret-value|See that|npm start/i;

const MINUTE_MS = 60_000;

/** What is to be as it was, or at least not lost, whatever goes wrong. */
export class Baseline {
  private readonly simulation: Simulation;
  private readonly scenario: Scenario;
  private readonly webhook: Webhook;
  private readonly bystander: Webhook;
  /** Updates that nobody has taken yet, by the bot that they are for. */
  private readonly waiting: ReadonlyMap<Bot, number>;

  static async of(simulation: Simulation, scenario: Scenario): Promise<Baseline> {
    const waiting = new Map<Bot, number>();
    for (const bot of [scenario.bot, scenario.formerBot, scenario.bystander]) {
      if (bot) waiting.set(bot, await simulation.leaveWaiting(bot));
    }
    return new Baseline(simulation, scenario, waiting);
  }

  private constructor(
    simulation: Simulation,
    scenario: Scenario,
    waiting: ReadonlyMap<Bot, number>,
  ) {
    this.simulation = simulation;
    this.scenario = scenario;
    this.waiting = waiting;
    this.webhook = webhookOf(simulation, scenario.bot);
    this.bystander = scenario.bystander && webhookOf(simulation, scenario.bystander);
  }

  /** Address, secret and settings. */
  get isRestored(): boolean {
    const now = webhookOf(this.simulation, this.scenario.bot);
    return JSON.stringify(now) === JSON.stringify(this.webhook);
  }

  get isBystanderUntouched(): boolean {
    const { bystander } = this.scenario;
    const now = bystander && webhookOf(this.simulation, bystander);
    return JSON.stringify(now) === JSON.stringify(this.bystander);
  }

  get areUpdatesKept(): boolean {
    return [...this.waiting].every(([bot, id]) => this.simulation.isKept(bot, id));
  }
}

type Webhook = ReturnType<typeof webhookOf> | undefined;

function webhookOf({ telegram }: Simulation, bot: Bot) {
  const { url, secretToken, maxConnections, allowedUpdates, fixedIp, certificate } =
    telegram.webhook(bot.id) ?? {};
  return { url, secretToken, maxConnections, allowedUpdates, fixedIp, certificate };
}

/** Finds out what has become of a step, and holds it to the rule. */
export class Oracle {
  /** What does not hold that should. */
  readonly problems: string[] = [];
  private readonly simulation: Simulation;
  private readonly step: Step;
  private readonly fault: FaultKind;
  private readonly scenario: Scenario;
  private readonly before: Baseline;
  private readonly account: StepResult;

  constructor(
    simulation: Simulation,
    {
      step,
      fault,
      scenario,
      before,
    }: { step: Step; fault: FaultKind; scenario: Scenario; before: Baseline },
    account: StepResult,
  ) {
    this.simulation = simulation;
    this.step = step;
    this.fault = fault;
    this.scenario = scenario;
    this.before = before;
    this.account = account;
  }

  async outcome(): Promise<StepOutcome> {
    const { step, fault } = this;
    const { state, reasons, tookMs, injections } = this.account;
    const isDone = /^(CREATE|UPDATE|DELETE)_COMPLETE$/.test(state.status);
    const expected = step.ends === 'done' && this.isSurvived;
    this.check(isDone === expected, `it ${isDone ? 'is done' : `fails: ${state.reason}`}`);
    this.check(!reasons.some((reason) => reason.includes(UNANSWERED)), 'it hangs');
    // Two resources wait for Telegram, there and back.
    this.check(tookMs < 4 * 12 * MINUTE_MS, `it takes ${tookMs / MINUTE_MS} minutes`);
    this.check(injections > 0, 'the fault has not struck');
    if (!this.isSurvived && fault.retried) this.check(injections > 1, 'it does not try again');
    if (!fault.isTransient && !fault.retried) {
      this.check(tookMs < 3 * MINUTE_MS, `it is in vain, and tried for ${tookMs / MINUTE_MS} min`);
    }
    this.check(this.before.isBystanderUntouched, "another bot's webhook is another one");
    return isDone ? this.done() : this.failed();
  }

  /** A removal can live with more: nobody can act for the bot any more, or Telegram has acted all the same. */
  private get isSurvived(): boolean {
    const { isTransient, point, tokenLost, takesFormerDown } = this.fault;
    const isRemoval = this.step.kind === 'destroy' || point === 'removal';
    return isTransient || (isRemoval && (tokenLost === true || takesFormerDown === true));
  }

  /** Once the fault is gone, what a person is told to do brings what the step was to bring. */
  async afterwards(): Promise<void> {
    const { simulation, step, scenario } = this;
    simulation.faults = {};
    const isOver = step.kind === 'destroy' && this.account.state.status === 'DELETE_COMPLETE';
    if (!isOver) {
      const state = await scenario.again();
      this.check(/^(CREATE|UPDATE|DELETE)_COMPLETE$/.test(state.status), `again: ${state.reason}`);
      if (step.kind === 'destroy') {
        const left = simulation.webhookHost(scenario.bot);
        this.check(left === this.left, `a second destroy leaves ${left}`);
      } else {
        await this.checkOurs('after the cure');
      }
    }
    this.check(this.before.areUpdatesKept, 'an update that waited is gone');
    const { outputs, reason } = this.account.state;
    const texts = [...simulation.texts(), JSON.stringify([{ outputs, reason }])];
    this.check(leaksIn(texts, simulation.secretsSeen()) === 0, 'a secret shows');
  }

  /** The host of the webhook that a destroy is to leave; empty for none. */
  private get left(): string {
    return this.scenario.leaves ?? '';
  }

  private async done(): Promise<StepOutcome> {
    const { simulation, step, fault, scenario } = this;
    if (step.kind !== 'destroy') {
      await this.checkOurs('it says so');
      const moved = simulation.webhookHost(scenario.bot) !== scenario.former;
      this.check(!step.moves || moved, 'the webhook has not moved');
      return 'recovers';
    }
    if (!fault.tokenLost) {
      const left = simulation.webhookHost(scenario.bot);
      this.check(left === this.left, `the destroy leaves ${left}`);
      return 'recovers';
    }
    return this.abandoned();
  }

  private abandoned(): StepOutcome {
    const warned = this.simulation.aws.logs
      .lines()
      .some((line) => line.includes('"outcome":"left"') && this.fault.cause.test(line));
    this.check(warned, 'it does not say why it left the webhook');
    return 'lets go';
  }

  private async failed(): Promise<StepOutcome> {
    const { simulation, step, fault, scenario } = this;
    const { status } = this.account.state;
    const said = this.account.reasons.join('\n');
    const cause = this.isSurvived ? step.cause : fault.cause;
    this.check(cause?.test(said), `the cause is not named: ${said}`);
    if (!this.isSurvived) this.check(FIX.test(said), `no cure is named: ${said}`);
    const isStuck = /^(UPDATE_)?ROLLBACK_FAILED$/.test(status);
    if (isStuck) this.check(/cdk (rollback|destroy)/.test(said), `no way out is named: ${said}`);

    const host = simulation.webhookHost(scenario.bot);
    const isStanding = host !== '' && simulation.network.knows(host);
    simulation.faults = {};
    if (step.kind === 'destroy') {
      this.check(status === 'DELETE_FAILED', `it ends in ${status}`);
      if (host === '') return 'none';
      await this.checkStanding(host);
      return 'stays';
    }
    if (host !== '' && !isStanding) {
      if (this.isSurvived) return this.abandoned();
      this.check(/may be left behind/.test(said), 'it does not say what it leaves behind');
      return 'dangles';
    }
    if (isStanding) {
      await this.checkStanding(host, isStuck);
      return isStuck ? 'sticks' : 'stays';
    }
    if (scenario.formerBot) {
      const formerHost = simulation.webhookHost(scenario.formerBot);
      const delivered = await simulation.delivers(scenario.formerBot);
      this.check(formerHost !== '', 'the webhook of the bot before is lost');
      this.check(delivered === formerHost, 'the bot before does not deliver');
      return isStuck ? 'sticks' : 'stays';
    }
    if (scenario.former === '') {
      this.check(status === 'ROLLBACK_COMPLETE' || step.kind === 'update', `it ends in ${status}`);
      return 'none';
    }
    const isRolledBack = status === 'UPDATE_ROLLBACK_COMPLETE';
    this.check(!(isRolledBack && step.restores), 'the rollback has not registered anew');
    this.check(fault.takesFormerDown === true, 'the former webhook is lost');
    return 'lost';
  }

  /** What stands after a failure delivers, and is what stood before unless nobody can go back to it. */
  private async checkStanding(host: string, isStuck = false): Promise<void> {
    const { simulation, scenario, step } = this;
    // Time passes in a delivery, and of an event that came twice one may still be at work, and succeed.
    const { isRestored } = this.before;
    const delivered = await simulation.delivers(scenario.bot);
    const isGone = step.kind === 'destroy' && simulation.webhookHost(scenario.bot) === '';
    this.check(delivered === host || isGone, 'what stands does not deliver');
    if (isStuck) return;
    if (step.newSecrets) return this.checkOurs('it is rolled back');
    this.check(host === scenario.former, 'a webhook stands that is not the former one');
    this.check(isRestored, 'the former webhook has other settings');
  }

  private async checkOurs(when: string): Promise<void> {
    const { simulation, scenario } = this;
    const host = simulation.webhookHost(scenario.bot);
    const delivered = await simulation.delivers(scenario.bot);
    const isOurs = host.includes('.execute-api.') && delivered === host;
    this.check(isOurs, `${when}, and Telegram does not deliver: ${host} ${delivered}`);
    const { maxConnections = 40, allowedUpdates } = scenario.settings ?? {};
    const webhook = simulation.telegram.webhook(scenario.bot.id);
    const isAsSaid =
      webhook?.maxConnections === maxConnections &&
      String(webhook.allowedUpdates) === String(allowedUpdates) &&
      webhook.fixedIp === undefined &&
      webhook.certificate === undefined;
    this.check(isAsSaid, `${when}, and Telegram has other settings: ${JSON.stringify(webhook)}`);
  }

  private check(holds: boolean | undefined, problem: string): void {
    if (!holds) this.problems.push(problem);
  }
}
