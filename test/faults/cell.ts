import type { ActiveFaults } from './active-faults.ts';
import type { Fault, InjectionPoint, IsTarget } from './faults.ts';
import { Baseline, Oracle, type StepOutcome } from './oracle.ts';
import type { Scenario } from './scenarios.ts';
import { Simulation } from './simulation.ts';
import type { Step } from './steps.ts';

export interface Cell {
  readonly step: Step;
  readonly fault: Fault;
  readonly outcome: StepOutcome;
  /** The checks that failed; empty when all is well. */
  readonly problems: readonly string[];
}

/** Whether a fault can be injected into a step that passes these points when nothing goes wrong. */
export function canInject(step: Step, fault: Fault, points: ReadonlySet<InjectionPoint>): boolean {
  // Unregistering has no settings that Telegram could refuse, and no competitor.
  const needsRegistration = fault.isInSettings || fault.isConcurrent;
  return points.has(fault.point) && !(step.kind === 'destroy' && needsRegistration);
}

/** Returns the injection points that a step passes when nothing goes wrong. */
export async function injectionPointsOf(step: Step): Promise<ReadonlySet<InjectionPoint>> {
  const simulation = await Simulation.start();
  try {
    const { act } = await step.prepare(simulation);
    const points = new Set<InjectionPoint>(['every call']);
    simulation.faults = {
      telegram: ({ method }) => void points.add(step.kind === 'destroy' ? toPoint(method) : method),
      lookup: () => void points.add('DNS lookup'),
      endpoint: (sender) => void (sender === 'probe' && points.add('probe')),
      readiness: () => void points.add('readiness'),
      secrets: () => void points.add('secret'),
    };
    await act();
    return points;
  } finally {
    await simulation.close();
  }
}

/**
 * In a destroy, `unregister` is the step's own setWebhook. In other steps it cleans up, and the faults of
 * setWebhook do not hit it.
 */
function toPoint(method: InjectionPoint): InjectionPoint {
  return method === 'unregister' ? 'setWebhook' : method;
}

/** Takes a step under a fault, and checks the outcome against the oracle's one rule. */
export async function play(step: Step, fault: Fault): Promise<Cell> {
  const simulation = await Simulation.start();
  try {
    const scenario = await step.prepare(simulation);
    const baseline = await Baseline.of(simulation, scenario);
    const isTarget: IsTarget = (point, { method }) => {
      if (step.kind !== 'destroy') return point === method || point === 'every call';
      return point === toPoint(method) || point === 'every call';
    };
    const started = simulation.clock.now();
    const eventsBefore = simulation.cloudFormation.events.length;
    fault.inject(simulation, isTarget);
    const injections = countInjections(simulation);
    if (fault.isInSettings) endFaultsAtRollback(simulation, scenario);
    const resumeDeliveries = holdDeliveries(simulation);
    const state = await scenario.act();
    resumeDeliveries();
    const oracle = new Oracle(
      simulation,
      { step, fault, scenario, baseline },
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
    await oracle.checkFix();
    return { step, fault, outcome, problems: oracle.problems };
  } finally {
    await simulation.close();
  }
}

/** Starts counting. @returns a function that returns how often the active faults have hit */
function countInjections(simulation: Simulation): () => number {
  let injections = 0;
  const counted =
    <A extends unknown[], R>(inject: ((...args: A) => R) | undefined) =>
    (...args: A): R | undefined => {
      const fault = inject?.(...args);
      if (fault !== undefined) injections++;
      return fault;
    };
  const { telegram, lookup, endpoint, readiness, receiver, secrets } = simulation.faults;
  simulation.faults = {
    telegram: counted(telegram),
    lookup: counted(lookup),
    endpoint: counted(endpoint),
    readiness: counted(readiness),
    receiver: counted(receiver),
    secrets: counted(secrets),
  } satisfies ActiveFaults;
  return () => injections;
}

/** Keeps pending updates undelivered while the step is taken. @returns a function that ends this */
function holdDeliveries(simulation: Simulation): () => void {
  const { endpoint } = simulation.faults;
  simulation.faults.endpoint = (sender) =>
    sender === 'telegram' ? { status: 500 } : endpoint?.(sender);
  return () => {
    simulation.faults.endpoint = endpoint;
  };
}

/** Ends the active faults at a rollback: the previous settings, to which it returns, do not cause them. */
function endFaultsAtRollback(simulation: Simulation, { stackName }: Scenario): void {
  const { telegram, endpoint, readiness, receiver } = simulation.faults;
  const isRollback = () =>
    simulation.cloudFormation.describe(stackName)?.status.includes('ROLLBACK') === true;
  simulation.faults = {
    telegram: telegram && ((call) => (isRollback() ? undefined : telegram(call))),
    endpoint: endpoint && ((sender) => (isRollback() ? undefined : endpoint(sender))),
    readiness: readiness && (() => (isRollback() ? undefined : readiness())),
    receiver: receiver && (() => (isRollback() ? undefined : receiver())),
  };
}
