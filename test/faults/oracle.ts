import { leaksIn } from '../end-to-end/no-secret.ts';
import type { Bot, StackState } from '../sandbox/index.ts';
import { type Fault, isOfProfile } from './faults.ts';
import { isEndpoint } from './network.ts';
import { isSameProfile } from './profile.ts';
import type { Scenario } from './scenarios.ts';
import type { Simulation } from './simulation.ts';
import type { Step } from './steps.ts';

/** The outcomes that a step can have, and their meanings. */
export const outcomes = {
  recovered: 'the step succeeds as if nothing had happened',
  kept: "the step fails, and the previous webhook (or the previous bot's, if the bot changes) still delivers",
  none: 'the step fails, and the bot has no webhook, as before',
  stuck:
    'the step and its rollback both fail, but the webhook, if there is one, delivers, and the reason names the command to run',
  lost: 'the step fails after Telegram has removed the previous webhook, which the next deploy registers again',
  orphaned:
    'the step fails and cannot undo the webhook that it set, as the reason says, and the next deploy replaces it',
  abandoned:
    'the step completes, but leaves a webhook or a profile that the stored token can no longer remove, and the log says why',
} as const;

export type StepOutcome = keyof typeof outcomes;

/** What happened during a step, as far as the state of the simulation does not show it afterwards. */
export interface StepResult {
  readonly state: StackState;
  /** The reasons of all failed events. */
  readonly reasons: readonly string[];
  readonly tookMs: number;
  /** How often the fault hit. */
  readonly injections: number;
}

/** CloudFormation's reason if a custom resource is silent. The kit must answer events within 16 minutes. */
const UNANSWERED = 'did not receive a response';

/** Every reason must tell the reader what to do, in one of these ways. */
const FIX = /deploy again|cdk destroy|npm run token|(See|Make sure) that|npm start/i;

const STUCK = /^(UPDATE_)?ROLLBACK_FAILED$/;

const MINUTE_MS = 60_000;

/** The state before a step, which no fault may damage. */
export class Baseline {
  private readonly simulation: Simulation;
  private readonly scenario: Scenario;
  private readonly webhook: Webhook;
  private readonly bystander: Webhook;
  private readonly profile: object;
  /** A pending update of each bot, by id. */
  private readonly pending: ReadonlyMap<Bot, number>;

  static async of(simulation: Simulation, scenario: Scenario): Promise<Baseline> {
    const pending = new Map<Bot, number>();
    for (const bot of [scenario.bot, scenario.previousBot, scenario.bystander]) {
      if (bot) pending.set(bot, await simulation.leavePending(bot));
    }
    return new Baseline(simulation, scenario, pending);
  }

  private constructor(
    simulation: Simulation,
    scenario: Scenario,
    pending: ReadonlyMap<Bot, number>,
  ) {
    this.simulation = simulation;
    this.scenario = scenario;
    this.pending = pending;
    this.webhook = webhookOf(simulation, scenario.bot);
    this.bystander = scenario.bystander && webhookOf(simulation, scenario.bystander);
    this.profile = scenario.bot.profile.state;
  }

  /** Whether the bot's profile is as before. */
  get isProfileRestored(): boolean {
    return isSameProfile(this.scenario.bot.profile.state, this.profile);
  }

  /** Whether the webhook has the same URL, secret and settings as before. */
  get isRestored(): boolean {
    const current = webhookOf(this.simulation, this.scenario.bot);
    return JSON.stringify(current) === JSON.stringify(this.webhook);
  }

  get isBystanderUnchanged(): boolean {
    const { bystander } = this.scenario;
    const current = bystander && webhookOf(this.simulation, bystander);
    return JSON.stringify(current) === JSON.stringify(this.bystander);
  }

  get areUpdatesKept(): boolean {
    return [...this.pending].every(([bot, id]) => this.simulation.isKept(bot, id));
  }
}

type Webhook = ReturnType<typeof webhookOf> | undefined;

function webhookOf({ telegram }: Simulation, bot: Bot) {
  const { url, secretToken, maxConnections, allowedUpdates, fixedIp, certificate } =
    telegram.webhook(bot.id) ?? {};
  return { url, secretToken, maxConnections, allowedUpdates, fixedIp, certificate };
}

/** Determines the outcome of a step, and checks it against the rule. */
export class Oracle {
  /** The checks that failed. */
  readonly problems: string[] = [];
  private readonly simulation: Simulation;
  private readonly step: Step;
  private readonly fault: Fault;
  private readonly scenario: Scenario;
  private readonly baseline: Baseline;
  private readonly result: StepResult;

  constructor(
    simulation: Simulation,
    {
      step,
      fault,
      scenario,
      baseline,
    }: { step: Step; fault: Fault; scenario: Scenario; baseline: Baseline },
    result: StepResult,
  ) {
    this.simulation = simulation;
    this.step = step;
    this.fault = fault;
    this.scenario = scenario;
    this.baseline = baseline;
    this.result = result;
  }

  async outcome(): Promise<StepOutcome> {
    const { step, fault } = this;
    const { state, reasons, tookMs, injections } = this.result;
    const succeeds = isSuccess(state);
    const shouldSucceed = step.endsIn === 'success' && this.isTolerated;
    this.check(
      succeeds === shouldSucceed,
      `the step ${succeeds ? 'succeeds' : `fails: ${state.reason}`}`,
    );
    this.check(!reasons.some((reason) => reason.includes(UNANSWERED)), 'the step hangs');
    // Two resources wait for Telegram, in the deployment and again in its rollback.
    this.check(tookMs < 4 * 12 * MINUTE_MS, `the step takes ${tookMs / MINUTE_MS} minutes`);
    this.check(injections > 0, 'the fault has not hit');
    if (!this.isTolerated && fault.isRetried && !this.isOvertaken) {
      this.check(injections > 1, 'the failed call is not retried');
    }
    if (!fault.isTransient && !fault.isRetried) {
      const minutes = tookMs / MINUTE_MS;
      // A profile is changed once no earlier call can change it any more.
      const limit = this.scenario.profile ? 5 : 3;
      this.check(minutes < limit, `a final failure is retried for ${minutes} minutes`);
    }
    this.check(this.baseline.isBystanderUnchanged, "another bot's webhook has changed");
    this.checkProfile(succeeds);
    return succeeds ? this.outcomeOfSuccess() : this.outcomeOfFailure();
  }

  /**
   * Whether the step must succeed in spite of the fault. Unregistering tolerates more: a lost token leaves
   * nothing to do, and Telegram may have acted although the call failed.
   */
  private get isTolerated(): boolean {
    const { isTransient, point, tokenLost, removesPrevious } = this.fault;
    const isUnregister = this.step.kind === 'destroy' || point === 'unregister';
    return isTransient || (isUnregister && (tokenLost === true || removesPrevious === true));
  }

  /** Whether another resource may fail before the profile does, and cancel it. */
  private get isOvertaken(): boolean {
    return this.step.endsIn === 'rollback' && isOfProfile(this.fault.point);
  }

  /** Ends the fault, applies the fix that the reason names, and checks that the step then succeeds. */
  async checkFix(): Promise<void> {
    const { simulation, step, scenario } = this;
    simulation.faults = {};
    const isDestroyed = step.kind === 'destroy' && this.result.state.status === 'DELETE_COMPLETE';
    if (!isDestroyed) {
      const state = await scenario.fix();
      this.check(isSuccess(state), `the fix fails: ${state.reason}`);
      // What a ration has kept from being cleared is left to the watch.
      const isLeft = isOfProfile(this.fault.point) && this.fault.isTransient;
      const isFixed = this.isProfileAsDeclared || (isLeft && this.hasDeclaredProfile);
      this.check(isFixed, `after the fix, the profile is ${this.profileText}`);
      if (step.kind === 'destroy') {
        const remaining = simulation.webhookHost(scenario.bot);
        this.check(remaining === this.survivingHost, `a second destroy leaves ${remaining}`);
      } else {
        await this.checkRegistration('after the fix');
      }
    }
    this.check(this.baseline.areUpdatesKept, 'a pending update is gone');
    const { outputs, reason } = this.result.state;
    const texts = [...simulation.publicTexts(), JSON.stringify([{ outputs, reason }])];
    this.check(leaksIn(texts, simulation.secretsSeen()) === 0, 'a secret is visible');
  }

  /** The host of the webhook that a destroy must leave in place; empty if it must leave none. */
  private get survivingHost(): string {
    return this.scenario.survivingHost ?? '';
  }

  private async outcomeOfSuccess(): Promise<StepOutcome> {
    const { simulation, step, fault, scenario } = this;
    if (step.kind !== 'destroy') {
      await this.checkRegistration('after a success');
      const hasMoved = simulation.webhookHost(scenario.bot) !== scenario.previousHost;
      this.check(!step.movesWebhook || hasMoved, 'the webhook has not moved');
      return 'recovered';
    }
    if (!fault.tokenLost) {
      const remaining = simulation.webhookHost(scenario.bot);
      this.check(remaining === this.survivingHost, `the destroy leaves ${remaining}`);
      return 'recovered';
    }
    return this.abandoned();
  }

  private abandoned(): StepOutcome {
    const isLogged = this.simulation.aws.logs
      .lines()
      .some((line) => line.includes('"outcome":"left"') && this.fault.cause.test(line));
    this.check(isLogged, 'the log does not say why the webhook was left');
    return 'abandoned';
  }

  private async outcomeOfFailure(): Promise<StepOutcome> {
    const { simulation, step, fault, scenario } = this;
    const { status } = this.result.state;
    const reasons = this.result.reasons.join('\n');
    const cause = this.isTolerated || this.isOvertaken ? step.cause : fault.cause;
    const isNamed = cause?.test(reasons) || (this.isOvertaken && fault.cause.test(reasons));
    this.check(isNamed, `no reason names the cause: ${reasons}`);
    if (!this.isTolerated && !this.isOvertaken)
      this.check(FIX.test(reasons), `no reason names a fix: ${reasons}`);
    const isStuck = STUCK.test(status);
    if (isStuck) {
      this.check(/cdk (rollback|destroy)/.test(reasons), `no reason names a command: ${reasons}`);
    }

    const host = simulation.webhookHost(scenario.bot);
    const isServed = host !== '' && simulation.network.knows(host);
    simulation.faults = {};
    if (step.kind === 'destroy') {
      this.check(status === 'DELETE_FAILED', `the destroy ends in ${status}`);
      if (host === '') return 'none';
      await this.checkRemaining(host);
      return 'kept';
    }
    if (host !== '' && !isServed) {
      if (this.isTolerated) return this.abandoned();
      this.check(/may be orphaned/.test(reasons), 'no reason names the orphaned webhook');
      return 'orphaned';
    }
    if (isServed) {
      await this.checkRemaining(host, isStuck);
      return isStuck ? 'stuck' : 'kept';
    }
    if (scenario.previousBot) {
      const previousHost = simulation.webhookHost(scenario.previousBot);
      const delivered = await simulation.delivers(scenario.previousBot);
      this.check(previousHost !== '', "the previous bot's webhook is lost");
      this.check(delivered === previousHost, "the previous bot's webhook does not deliver");
      return isStuck ? 'stuck' : 'kept';
    }
    if (scenario.previousHost === '') {
      if (isStuck && scenario.profile) return 'stuck';
      const isExpected = status === 'ROLLBACK_COMPLETE' || step.kind === 'update';
      this.check(isExpected, `the step ends in ${status}`);
      return 'none';
    }
    const isRolledBack = status === 'UPDATE_ROLLBACK_COMPLETE';
    if (isRolledBack && step.rollbackRestores) {
      const isLogged = simulation.aws.logs
        .lines()
        .some((line) => line.includes('"outcome":"unfinished"') && fault.cause.test(line));
      this.check(
        isLogged,
        'the rollback has not registered the previous webhook, and no log says so',
      );
    }
    this.check(fault.removesPrevious === true, 'the previous webhook is lost');
    return 'lost';
  }

  /**
   * Checks that the profile is as declared after a success, and as before after a failure. Where a fault prevents that,
   * the log or the reason says which settings it concerns. A failed destroy may have cleared the profile already, and so may a rollback that is stuck.
   */
  private checkProfile(succeeds: boolean): void {
    const { simulation, step, fault, baseline, result } = this;
    if (!succeeds && (step.kind === 'destroy' || STUCK.test(result.state.status))) return;
    if (succeeds ? this.isProfileAsDeclared : baseline.isProfileRestored) return;
    const isPrevented =
      isOfProfile(fault.point) || fault.point === 'secret' || fault.tokenLost === true;
    const said = [...simulation.aws.logs.lines(), ...result.reasons].some(
      (text) => /profile\.\w|"outcome":"(left|unfinished)"/.test(text) && fault.cause.test(text),
    );
    this.check(isPrevented && said, `the profile is ${this.profileText}, and nothing says why`);
  }

  private get isProfileAsDeclared(): boolean {
    const { bot, profile } = this.scenario;
    return profile ? isSameProfile(bot.profile.state, profile) : this.baseline.isProfileRestored;
  }

  private get hasDeclaredProfile(): boolean {
    const { bot, profile } = this.scenario;
    return isSameProfile({ ...bot.profile.state, ...profile }, bot.profile.state);
  }

  private get profileText(): string {
    return JSON.stringify(this.scenario.bot.profile.state);
  }

  /** Checks that the webhook which remains after a failure delivers, and is the previous one if it can be. */
  private async checkRemaining(host: string, isStuck = false): Promise<void> {
    const { simulation, scenario, step } = this;
    // Read first: time passes in a delivery, and one of two duplicate events may still succeed then.
    const { isRestored } = this.baseline;
    const delivered = await simulation.delivers(scenario.bot);
    const isGone = step.kind === 'destroy' && simulation.webhookHost(scenario.bot) === '';
    this.check(delivered === host || isGone, 'the remaining webhook does not deliver');
    if (isStuck) return;
    if (step.rotatesToken) return this.checkRegistration('after the rollback');
    this.check(host === scenario.previousHost, 'the remaining webhook is not the previous one');
    this.check(isRestored, 'the previous webhook has other settings');
  }

  /** Checks that the webhook is the kit's, delivers, and has the settings of the deployment. */
  private async checkRegistration(when: string): Promise<void> {
    const { simulation, scenario } = this;
    const host = simulation.webhookHost(scenario.bot);
    const delivered = await simulation.delivers(scenario.bot);
    const isOurs = isEndpoint(host) && delivered === host;
    this.check(isOurs, `${when}, Telegram does not deliver: ${host} ${delivered}`);
    const { maxConnections = 40, allowedUpdates } = scenario.settings ?? {};
    const webhook = simulation.telegram.webhook(scenario.bot.id);
    const hasSettings =
      webhook?.maxConnections === maxConnections &&
      String(webhook.allowedUpdates) === String(allowedUpdates) &&
      webhook.fixedIp === undefined &&
      webhook.certificate === undefined;
    this.check(hasSettings, `${when}, Telegram has other settings: ${JSON.stringify(webhook)}`);
  }

  private check(holds: boolean | undefined, problem: string): void {
    if (!holds) this.problems.push(problem);
  }
}

function isSuccess({ status }: StackState): boolean {
  return /^(CREATE|UPDATE|DELETE)_COMPLETE$/.test(status);
}
