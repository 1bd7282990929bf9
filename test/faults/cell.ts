import { Before, Judge, type Outcome } from './oracle.ts';
import type { Calls, FaultKind, Place } from './faults.ts';
import type { Situation, Step } from './steps.ts';
import { type Faults, World } from './simulation.ts';

export interface Cell {
  readonly step: Step;
  readonly fault: FaultKind;
  readonly outcome: Outcome;
  /** What does not hold that should; empty when all is well. */
  readonly problems: readonly string[];
}

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
      proof: () => void places.add('proof'),
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
    const before = await Before.of(world, situation);
    const calls: Calls = (place, { method }) => {
      if (step.kind !== 'destroy') return place === method || place === 'every call';
      return place === asPlace(method) || place === 'every call';
    };
    const started = world.clock.now();
    const eventsBefore = world.cloudFormation.events.length;
    fault.strike(world, calls);
    const strikes = counted(world);
    if (fault.inSettings) endWithRollback(world, situation);
    const letDeliver = holdDeliveries(world);
    const state = await situation.act();
    letDeliver();
    const judge = new Judge(
      world,
      { step, fault, situation, before },
      {
        state,
        strikes: strikes(),
        tookMs: world.clock.now() - started,
        reasons: world.cloudFormation.events
          .slice(eventsBefore)
          .flatMap(({ status, reason }) => (status.endsWith('_FAILED') && reason) || []),
      },
    );
    const outcome = await judge.outcome();
    await judge.afterwards();
    return { step, fault, outcome, problems: judge.problems };
  } finally {
    await world.close();
  }
}

/** @returns how often what is about to go wrong has done so */
function counted(world: World): () => number {
  let strikes = 0;
  const counting =
    <A extends unknown[], R>(fault: ((...args: A) => R) | undefined) =>
    (...args: A): R | undefined => {
      const befalls = fault?.(...args);
      if (befalls !== undefined) strikes++;
      return befalls;
    };
  const { telegram, lookUp, endpoint, proof, receiver, secrets } = world.faults;
  world.faults = {
    telegram: counting(telegram),
    lookUp: counting(lookUp),
    endpoint: counting(endpoint),
    proof: counting(proof),
    receiver: counting(receiver),
    secrets: counting(secrets),
  } satisfies Faults;
  return () => strikes;
}

/** Nobody takes what waits while the step is taken. @returns what ends that */
function holdDeliveries(world: World): () => void {
  const { endpoint } = world.faults;
  world.faults.endpoint = (sender) =>
    sender === 'telegram' ? { status: 500 } : endpoint?.(sender);
  return () => {
    world.faults.endpoint = endpoint;
  };
}

/** The settings that a rollback goes back to are not those at fault. */
function endWithRollback(world: World, { stackName }: Situation): void {
  const { telegram, endpoint, proof, receiver } = world.faults;
  const isBack = () =>
    world.cloudFormation.describe(stackName)?.status.includes('ROLLBACK') === true;
  world.faults = {
    telegram: telegram && ((call) => (isBack() ? undefined : telegram(call))),
    endpoint: endpoint && ((sender) => (isBack() ? undefined : endpoint(sender))),
    proof: proof && (() => (isBack() ? undefined : proof())),
    receiver: receiver && (() => (isBack() ? undefined : receiver())),
  };
}
