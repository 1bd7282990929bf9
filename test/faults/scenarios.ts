import type { Bot, StackState } from '../sandbox/index.ts';
import { type ProfileFixture, profileWith, setProfileByHand } from './profile.ts';
import type { Simulation } from './simulation.ts';
import type { StackDescription } from './templates.ts';

/** The situation before a step, and how to take the step. */
export interface Scenario {
  /** The bot whose webhook the step is about. */
  readonly bot: Bot;
  /** Host of the bot's webhook before the step; empty if it has none. */
  readonly previousHost: string;
  /** Another bot, whose webhook the step replaces with one of `bot`. */
  readonly previousBot?: Bot;
  /** A bot of another stack, which must not be affected. */
  readonly bystander?: Bot;
  readonly stackName: string;
  /** Host of the webhook that a destroy must leave in place. */
  readonly survivingHost?: string;
  /** The settings at Telegram after the step succeeds; those left out have their defaults. */
  readonly settings?: {
    readonly maxConnections?: number;
    readonly allowedUpdates?: readonly string[];
  };
  /** The bot's profile at Telegram after the step succeeds; absent if no step declares one. */
  readonly profile?: Record<string, unknown>;
  act(): Promise<StackState>;
  /** Does what a failure's reason tells its reader to do, once the fault is gone. */
  fix(): Promise<StackState>;
}

/** Deploys a profile, in place of `from` if there is one, at a bot of whose profile a person has set a part. */
export async function withProfile(
  simulation: Simulation,
  declared: ProfileFixture,
  from?: ProfileFixture,
): Promise<Scenario> {
  const bot = simulation.addBot();
  await setProfileByHand(simulation, bot);
  if (from) await deployFirst(simulation, { bots: [{ profile: from.settings }] });
  const scenario = deployment(simulation, bot, { bots: [{ profile: declared.settings }] });
  return { ...scenario, profile: profileWith(declared) };
}

/** Returns the scenario with a failure of another resource, after the webhook has been registered. */
export function failing(
  simulation: Simulation,
  scenario: Scenario,
  kind: 'create' | 'update',
): Scenario {
  return {
    ...scenario,
    act() {
      simulation.faults.resource = failsOnce(simulation, kind);
      return scenario.act();
    },
  };
}

/** Deploys the stack that a step starts from. */
export async function deployFirst(
  simulation: Simulation,
  description?: StackDescription,
): Promise<void> {
  const { status, reason } = await simulation.deploy(description);
  if (!/^(CREATE|UPDATE)_COMPLETE$/.test(status)) throw new Error(`${status}: ${reason}`);
}

/** Delivers every event twice: CloudFormation's delivery is at least once. */
export function withDuplicateEvents(simulation: Simulation, scenario: Scenario): Scenario {
  return {
    ...scenario,
    act() {
      simulation.faults.resource = () => ({ deliveries: 2 });
      return scenario.act();
    },
  };
}

/** Returns a scenario that deploys `description`, and after a failure deploys it again from any state. */
export function deployment(
  simulation: Simulation,
  bot: Bot,
  description: StackDescription = {},
): Scenario {
  const { name: stackName = 'Kit', bots: [settings] = [] } = description;
  return {
    bot,
    settings,
    previousHost: simulation.webhookHost(bot),
    stackName,
    act: () => simulation.deploy(description),
    async fix() {
      const { status } = simulation.cloudFormation.describe(stackName) ?? {};
      if (status === 'UPDATE_ROLLBACK_FAILED') {
        const state = await simulation.cloudFormation.continueRollback(stackName);
        if (state.status !== 'UPDATE_ROLLBACK_COMPLETE') return state;
      }
      if (status?.startsWith('ROLLBACK')) await simulation.destroy(stackName);
      return simulation.deploy(description);
    },
  };
}

/** Fails the stack once, after the webhook has been registered; never in the rollback, which is not what it tests. */
function failsOnce({ cloudFormation }: Simulation, kind: 'create' | 'update') {
  let hasFailed = false;
  return (operation: { kind: string; type: string; stackName: string }) => {
    const isRollback = cloudFormation.describe(operation.stackName)?.status.includes('ROLLBACK');
    const isTarget = operation.kind === kind && operation.type === 'Custom::TelegramWebhook';
    if (hasFailed || isRollback || !isTarget) return;
    hasFailed = true;
    return { failAfter: 'another resource of the stack failed' };
  };
}
