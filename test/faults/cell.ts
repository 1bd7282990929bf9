import { leaksIn } from '../end-to-end/no-secret.ts';
import type { StackState } from '../sandbox/cloudformation/cloudformation.ts';
import type { Calls, FaultKind, Place } from './kinds.ts';
import type { Situation, Step } from './steps.ts';
import { World } from './world.ts';

/** What can become of a step, and what that means. */
export const outcomes = {
  recovers: 'it is done as if nothing had happened, and Telegram delivers to it',
  stays:
    'it fails, and the bot delivers where it did before (the former bot, where the token is another)',
  none: 'it fails, and the bot has no webhook, as before',
  lost: 'it fails, and Telegram has taken the former webhook down before it refused, acted or fell silent: the next deploy registers anew',
  dangles:
    'it fails, and what it had set could not be taken back for the same fault: the reason says so, and the next deploy replaces it',
  'lets go':
    'it is done, and leaves a webhook that nobody can reach with what the secret holds: the log says why',
} as const;

export type Outcome = keyof typeof outcomes;

export interface Cell {
  readonly step: Step;
  readonly fault: FaultKind;
  readonly outcome: Outcome;
  /** What does not hold that should; empty when all is well. */
  readonly problems: readonly string[];
}

/** CloudFormation never waits for the last word: each event has its answer within 16 minutes. */
const UNANSWERED = 'did not receive a response';

/** The words of a person who is told what to do. */
const CURE = /deploy again|cdk destroy|create-secret|put-secret-value|See that|npm start/i;

/** Whether a fault can strike a step that comes by these places when nothing goes wrong. */
export function arises(step: Step, fault: FaultKind, places: ReadonlySet<Place>): boolean {
  // A removal has no settings that could be refused, and no rival.
  const isOfRegistrations = fault.inSettings || fault.isRivalry;
  return places.has(fault.place) && !(step.kind === 'destroy' && isOfRegistrations);
}

/** Where a step comes by when nothing goes wrong. */
export async function placesOf(step: Step): Promise<ReadonlySet<Place>> {
  const world = await World.start();
  try {
    const { act } = await step.prepare(world);
    const places = new Set<Place>(['every call']);
    world.faults = {
      telegram: ({ method }) => void places.add(step.kind === 'destroy' ? asPlace(method) : method),
      lookUp: () => void places.add('look-up'),
      endpoint: (sender) => void (sender === 'probe' && places.add('probe')),
      secrets: () => void places.add('secret'),
    };
    await act();
    return places;
  } finally {
    await world.close();
  }
}

/** A destroy's setWebhook is the removal; elsewhere the removal is the clean-up, which is let through. */
function asPlace(method: Place): Place {
  return method === 'removal' ? 'setWebhook' : method;
}

/** Takes a step while a fault is about, and judges by the one rule what has become of it. */
export async function play(step: Step, fault: FaultKind): Promise<Cell> {
  const world = await World.start();
  try {
    const situation = await step.prepare(world);
    const calls: Calls = (place, { method }) => {
      if (step.kind !== 'destroy') return place === method || place === 'every call';
      return place === asPlace(method) || place === 'every call';
    };
    const started = world.clock.now();
    const eventsBefore = world.cloudFormation.events.length;
    fault.strike(world, calls);
    if (fault.inSettings) endWithRollback(world, situation);
    const state = await situation.act();
    const judge = new Judge(world, step, fault, situation, state);
    judge.tookMs = world.clock.now() - started;
    judge.reasons = world.cloudFormation.events
      .slice(eventsBefore)
      .flatMap(({ status, reason }) => (status.endsWith('_FAILED') && reason) || []);
    const outcome = await judge.outcome();
    await judge.afterwards();
    return { step, fault, outcome, problems: judge.problems };
  } finally {
    await world.close();
  }
}

/** The settings that a rollback goes back to are not those at fault. */
function endWithRollback(world: World, { stackName }: Situation): void {
  const { telegram, endpoint, receiver } = world.faults;
  const isBack = () =>
    world.cloudFormation.describe(stackName)?.status.includes('ROLLBACK') === true;
  world.faults = {
    telegram: telegram && ((call) => (isBack() ? undefined : telegram(call))),
    endpoint: endpoint && ((sender) => (isBack() ? undefined : endpoint(sender))),
    receiver: receiver && (() => (isBack() ? undefined : receiver())),
  };
}

class Judge {
  readonly problems: string[] = [];
  tookMs = 0;
  reasons: readonly string[] = [];
  private readonly world: World;
  private readonly step: Step;
  private readonly fault: FaultKind;
  private readonly situation: Situation;
  private readonly state: StackState;

  constructor(world: World, step: Step, fault: FaultKind, situation: Situation, state: StackState) {
    this.world = world;
    this.step = step;
    this.fault = fault;
    this.situation = situation;
    this.state = state;
  }

  async outcome(): Promise<Outcome> {
    const { step, fault, state } = this;
    const isDone = /^(CREATE|UPDATE|DELETE)_COMPLETE$/.test(state.status);
    const expected = step.ends === 'done' && (fault.heals || this.endsDestroy);
    this.demand(isDone === expected, `it ${isDone ? 'is done' : `fails: ${state.reason}`}`);
    this.demand(!this.reasons.some((reason) => reason.includes(UNANSWERED)), 'it hangs');
    // A step has four events at most: two resources, there and back.
    this.demand(this.tookMs < 4 * 12 * 60_000, `it takes ${this.tookMs / 60_000} minutes`);
    return isDone ? this.done() : this.failed();
  }

  /** What a destroy can live with: nobody can act for the bot, or Telegram has acted all the same. */
  private get endsDestroy(): boolean {
    const { beyondReach, takesFormerDown } = this.fault;
    return this.step.kind === 'destroy' && (beyondReach === true || takesFormerDown === true);
  }

  /** Once the fault is gone, what a person is told to do brings what the step was to bring. */
  async afterwards(): Promise<void> {
    const { world, step, situation } = this;
    world.faults = {};
    const isOver = step.kind === 'destroy' && this.state.status === 'DELETE_COMPLETE';
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
    const texts = [...world.texts(), JSON.stringify([state(this.state)])];
    this.demand(leaksIn(texts, world.secretsSeen()) === 0, 'a secret shows');
  }

  /** The webhook that a destroy is to leave; empty for none. */
  private get left(): string {
    return this.step.leaves ?? '';
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
    const warned = world.aws.logs
      .lines()
      .some((line) => line.includes('"outcome":"left"') && fault.cause.test(line));
    this.demand(warned, 'it does not say why it left the webhook');
    return 'lets go';
  }

  private async failed(): Promise<Outcome> {
    const { world, step, fault, situation } = this;
    const said = this.reasons.join('\n');
    if (!fault.heals) {
      this.demand(fault.cause.test(said), `the cause is not named: ${said}`);
      this.demand(CURE.test(said), `no cure is named: ${said}`);
    }
    const host = world.webhookHost(situation.bot);
    world.faults = {};
    if (step.kind === 'destroy') {
      this.demand(this.state.status === 'DELETE_FAILED', `it ends in ${this.state.status}`);
      return host ? 'stays' : 'none';
    }
    const isStanding = host !== '' && world.network.knows(host);
    if (host !== '' && !isStanding) {
      this.demand(/may be left behind/.test(said), 'it does not say what it leaves behind');
      return 'dangles';
    }
    if (isStanding) {
      this.demand((await world.delivers(situation.bot)) === host, 'what stands does not deliver');
      const isBack = host === situation.former || this.state.status.startsWith('UPDATE');
      this.demand(isBack, 'a webhook stands that is not the former one');
      return 'stays';
    }
    const isRolledBack = this.state.status === 'UPDATE_ROLLBACK_COMPLETE';
    if (situation.formerBot) {
      const formerHost = world.webhookHost(situation.formerBot);
      const delivered = await world.delivers(situation.formerBot);
      this.demand(formerHost !== '', 'the webhook of the bot before is lost');
      this.demand(delivered === formerHost, 'the bot before does not deliver');
      return 'stays';
    }
    if (situation.former === '') return 'none';
    this.demand(!(isRolledBack && step.restores), 'the rollback has not registered anew');
    this.demand(fault.takesFormerDown === true, 'the former webhook is lost');
    return 'lost';
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

  private demand(holds: boolean, problem: string): void {
    if (!holds) this.problems.push(problem);
  }
}

function state({ outputs, reason }: StackState): object {
  return { outputs, reason };
}
