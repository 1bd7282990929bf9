import type { Calls, FaultKind, InjectionPoint } from './faults.ts';
import { Baseline, Oracle, type StepOutcome } from './oracle.ts';
import { type Faults, Simulation } from './simulation.ts';
import type { Scenario, Step } from './steps.ts';

export interface Cell {
  readonly step: Step;
  readonly fault: FaultKind;
  readonly outcome: StepOutcome;
  /** What does not hold that should; empty when all is well. */
  readonly problems: readonly string[];
}

/** Whether a fault can inject a step that comes by these points when nothing goes wrong. */
export function arises(step: Step, fault: FaultKind, points: ReadonlySet<InjectionPoint>): boolean {
  // A removal has no settings that could be refused, and no rival.
  const isOfRegistrations = fault.inSettings || fault.isConcurrent;
  return points.has(fault.point) && !(step.kind === 'destroy' && isOfRegistrations);
}

/** Where a step comes by when nothing goes wrong. */
export async function injectionPointsOf(step: Step): Promise<ReadonlySet<InjectionPoint>> {
  const simulation = await Simulation.start();
  try {
    const { act } = await step.prepare(simulation);
    const points = new Set<InjectionPoint>(['every call']);
    simulation.faults = {
      telegram: ({ method }) => void points.add(step.kind === 'destroy' ? asPlace(method) : method),
      lookUp: () => void points.add('look-up'),
      endpoint: (sender) => void (sender === 'probe' && points.add('probe')),
      readiness: () => void points.add('proof'),
      secrets: () => void points.add('secret'),
    };
    await act();
    return points;
  } finally {
    await simulation.close();
  }
}

/** A destroy's setWebhook is the removal; elsewhere the removal is the clean-up, which is let through. */
function asPlace(method: InjectionPoint): InjectionPoint {
  return method === 'removal' ? 'setWebhook' : method;
}

/** Takes a step while a fault is about, and judges by the one rule what has become of it. */
export async function play(step: Step, fault: FaultKind): Promise<Cell> {
  const simulation = await Simulation.start();
  try {
    const scenario = await step.prepare(simulation);
    const before = await Baseline.of(simulation, scenario);
    const calls: Calls = (point, { method }) => {
      if (step.kind !== 'destroy') return point === method || point === 'every call';
      return point === asPlace(method) || point === 'every call';
    };
    const started = simulation.clock.now();
    const eventsBefore = simulation.cloudFormation.events.length;
    fault.inject(simulation, calls);
    const injections = counted(simulation);
    if (fault.inSettings) endWithRollback(simulation, scenario);
    const letDeliver = holdDeliveries(simulation);
    const state = await scenario.act();
    letDeliver();
    const oracle = new Oracle(
      simulation,
      { step, fault, scenario, before },
      {
        state,
        injections: injections(),
        tookMs: simulation.clock.now() - started,
        reasons: simulation.cloudFormation.events
          .slice(eventsBefore)
          .flatMap(({ status, reason }) => (status.endsWith('_FAILED') && reason) || []),
      },
    );
    const outcome = await oracle.outcome();
    await oracle.afterwards();
    return { step, fault, outcome, problems: oracle.problems };
  } finally {
    await simulation.close();
  }
}

/** @returns how often what is about to go wrong has done so */
function counted(simulation: Simulation): () => number {
  let injections = 0;
  const counting =
    <A extends unknown[], R>(fault: ((...args: A) => R) | undefined) =>
    (...args: A): R | undefined => {
      const befalls = fault?.(...args);
      if (befalls !== undefined) injections++;
      return befalls;
    };
  const { telegram, lookUp, endpoint, readiness: proof, receiver, secrets } = simulation.faults;
  simulation.faults = {
    telegram: counting(telegram),
    lookUp: counting(lookUp),
    endpoint: counting(endpoint),
    readiness: counting(proof),
    receiver: counting(receiver),
    secrets: counting(secrets),
  } satisfies Faults;
  return () => injections;
}

/** Nobody takes what waits while the step is taken. @returns what ends that */
function holdDeliveries(simulation: Simulation): () => void {
  const { endpoint } = simulation.faults;
  simulation.faults.endpoint = (sender) =>
    sender === 'telegram' ? { status: 500 } : endpoint?.(sender);
  return () => {
    simulation.faults.endpoint = endpoint;
  };
}

/** The settings that a rollback goes back to are not those at fault. */
function endWithRollback(simulation: Simulation, { stackName }: Scenario): void {
  const { telegram, endpoint, readiness: proof, receiver } = simulation.faults;
  const isBack = () =>
    simulation.cloudFormation.describe(stackName)?.status.includes('ROLLBACK') === true;
  simulation.faults = {
    telegram: telegram && ((call) => (isBack() ? undefined : telegram(call))),
    endpoint: endpoint && ((sender) => (isBack() ? undefined : endpoint(sender))),
    readiness: proof && (() => (isBack() ? undefined : proof())),
    receiver: receiver && (() => (isBack() ? undefined : receiver())),
  };
}
