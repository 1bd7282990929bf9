import { Delivery } from '../../infra/settings/delivery.ts';
import { type Bot, fakeToken, type StackState } from '../sandbox/index.ts';
import type { Simulation } from './simulation.ts';
import type { BotDescription, StackDescription } from './templates.ts';

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
  act(): Promise<StackState>;
  /** Does what a failure's reason tells its reader to do, once the fault is gone. */
  fix(): Promise<StackState>;
}

/** An operation in the life of a deployment. */
export interface Step {
  readonly name: string;
  readonly kind: 'create' | 'update' | 'destroy';
  /** How the step ends without a fault. */
  readonly endsIn: 'success' | 'rollback';
  /** The step gives the webhook another URL. */
  readonly movesWebhook?: boolean;
  /** A rollback registers the previous webhook again. */
  readonly rollbackRestores?: boolean;
  /** Before the step, the token was revoked, its webhook with it, and the secret got the new token. */
  readonly rotatesToken?: boolean;
  /** The reason of a step that ends in a rollback without a fault. */
  readonly cause?: RegExp;
  prepare(simulation: Simulation): Promise<Scenario>;
}

const FOREIGN = 'foreign.example';
const OTHER_RESOURCE_FAILED = /another resource of the stack failed/;

const changed: Scenario['settings'] & BotDescription = {
  maxConnections: 7,
  allowedUpdates: ['message', 'chat_member'],
};

const queued: BotDescription = { delivery: Delivery.queued() };

export const steps: readonly Step[] = [
  {
    name: 'first deploy',
    kind: 'create',
    endsIn: 'success',
    prepare: async (simulation) => deployment(simulation, simulation.addBot()),
  },
  {
    name: 'first deploy over a foreign webhook',
    kind: 'create',
    endsIn: 'success',
    movesWebhook: true,
    async prepare(simulation) {
      const bot = simulation.addBot();
      await simulation.setForeignWebhook(bot, FOREIGN);
      return deployment(simulation, bot);
    },
  },
  {
    name: "first deploy, existingWebhook: 'fail'",
    kind: 'create',
    endsIn: 'rollback',
    cause: /already delivers to foreign.example.*Remove that webhook/,
    async prepare(simulation) {
      const bot = simulation.addBot();
      await simulation.setForeignWebhook(bot, FOREIGN);
      const act = () => simulation.deploy({ bots: [{ existingWebhook: 'fail' }] });
      return { ...deployment(simulation, bot), act };
    },
  },
  {
    name: 'first deploy, duplicate events',
    kind: 'create',
    endsIn: 'success',
    async prepare(simulation) {
      return withDuplicateEvents(simulation, deployment(simulation, simulation.addBot()));
    },
  },
  {
    name: 'first deploy, lost responses',
    kind: 'create',
    endsIn: 'success',
    async prepare(simulation) {
      const scenario = deployment(simulation, simulation.addBot());
      return { ...scenario, act: () => simulation.losingResponses(2, scenario.act) };
    },
  },
  {
    name: 'first deploy, queued',
    kind: 'create',
    endsIn: 'success',
    prepare: async (simulation) => deployment(simulation, simulation.addBot(), { bots: [queued] }),
  },
  {
    name: 'deploy after a destroy',
    kind: 'create',
    endsIn: 'success',
    async prepare(simulation) {
      const bot = simulation.addBot();
      await deployFirst(simulation, { bots: [changed] });
      await simulation.destroy();
      return deployment(simulation, bot);
    },
  },
  update('unchanged deploy'),
  update('changed settings', { bots: [changed] }),
  update('removed settings', {}, { from: { bots: [changed] } }),
  update('direct to queued', { bots: [queued] }),
  update('queued to direct', {}, { from: { bots: [queued] } }),
  update('new API', { newApi: true }, { movesWebhook: true }),
  {
    name: 'renamed construct',
    kind: 'update',
    endsIn: 'success',
    movesWebhook: true,
    async prepare(simulation) {
      const bot = simulation.addBot();
      await deployFirst(simulation, { bots: [{ id: 'Old' }] });
      return deployment(simulation, bot, { bots: [{ id: 'New' }] });
    },
  },
  {
    name: 'rotated token',
    kind: 'update',
    endsIn: 'success',
    rotatesToken: true,
    async prepare(simulation) {
      const bot = simulation.addBot();
      await deployFirst(simulation);
      simulation.storeToken(simulation.rotateToken(bot, 'r'));
      return deployment(simulation, bot);
    },
  },
  {
    name: "another bot's token",
    kind: 'update',
    endsIn: 'success',
    async prepare(simulation) {
      const previousBot = simulation.addBot();
      await deployFirst(simulation);
      const token = fakeToken(7_000_000_002);
      const other = simulation.telegram.createBot({
        token,
        username: 'other_bot',
        firstName: 'Other',
      });
      simulation.storeToken(token);
      return { ...deployment(simulation, other), previousBot };
    },
  },
  {
    name: 'takeover by another stack',
    kind: 'create',
    endsIn: 'success',
    movesWebhook: true,
    async prepare(simulation) {
      const bot = simulation.addBot();
      await deployFirst(simulation);
      return deployment(simulation, bot, { name: 'New' });
    },
  },
  {
    name: 'first deploy beside another stack',
    kind: 'create',
    endsIn: 'success',
    async prepare(simulation) {
      const bystander = simulation.addBot({ id: 7_000_000_002, secret: 'telegram/other' });
      await deployFirst(simulation, { name: 'Other', bots: [{ secret: 'telegram/other' }] });
      return { ...deployment(simulation, simulation.addBot()), bystander };
    },
  },
  {
    name: 'update, another resource fails',
    kind: 'update',
    endsIn: 'rollback',
    cause: OTHER_RESOURCE_FAILED,
    rollbackRestores: true,
    async prepare(simulation) {
      const bot = simulation.addBot();
      await deployFirst(simulation);
      const description = { bots: [changed] };
      return {
        ...deployment(simulation, bot, description),
        act() {
          simulation.faults.resource = failsOnce(simulation, 'update');
          return simulation.deploy(description);
        },
      };
    },
  },
  {
    name: 'first deploy, another resource fails',
    kind: 'create',
    endsIn: 'rollback',
    cause: OTHER_RESOURCE_FAILED,
    async prepare(simulation) {
      const bot = simulation.addBot();
      return {
        ...deployment(simulation, bot),
        act() {
          simulation.faults.resource = failsOnce(simulation, 'create');
          return simulation.deploy();
        },
      };
    },
  },
  destroy('destroy'),
  destroy('destroy, webhook already gone', {
    before: (simulation, bot) => simulation.deleteWebhook(bot),
  }),
  destroy('destroy, foreign webhook', {
    before: (simulation, bot) => simulation.setForeignWebhook(bot, FOREIGN),
    leavesWebhook: true,
  }),
  destroy('destroy after a takeover', {
    before: (simulation) => deployFirst(simulation, { name: 'New' }),
    leavesWebhook: true,
  }),
  {
    ...destroy('destroy, duplicate events'),
    async prepare(simulation) {
      return withDuplicateEvents(simulation, await destroy('').prepare(simulation));
    },
  },
];

function update(
  name: string,
  description: StackDescription = {},
  { from, ...facts }: Pick<Step, 'movesWebhook'> & { from?: StackDescription } = {},
): Step {
  return {
    name,
    kind: 'update',
    endsIn: 'success',
    rollbackRestores: true,
    ...facts,
    async prepare(simulation) {
      const bot = simulation.addBot();
      await deployFirst(simulation, from);
      return deployment(simulation, bot, description);
    },
  };
}

function destroy(
  name: string,
  {
    before,
    leavesWebhook = false,
  }: {
    before?: (simulation: Simulation, bot: Bot) => Promise<unknown>;
    leavesWebhook?: boolean;
  } = {},
): Step {
  return {
    name,
    kind: 'destroy',
    endsIn: 'success',
    async prepare(simulation) {
      const bot = simulation.addBot();
      await deployFirst(simulation);
      await before?.(simulation, bot);
      const act = () => simulation.destroy();
      const previousHost = simulation.webhookHost(bot);
      const survivingHost = leavesWebhook ? previousHost : '';
      return { bot, previousHost, survivingHost, stackName: 'Kit', act, fix: act };
    },
  };
}

/** Deploys the stack that a step starts from. */
async function deployFirst(simulation: Simulation, description?: StackDescription): Promise<void> {
  const { status, reason } = await simulation.deploy(description);
  if (!/^(CREATE|UPDATE)_COMPLETE$/.test(status)) throw new Error(`${status}: ${reason}`);
}

/** Delivers every event twice: CloudFormation's delivery is at least once. */
function withDuplicateEvents(simulation: Simulation, scenario: Scenario): Scenario {
  return {
    ...scenario,
    act() {
      simulation.faults.resource = () => ({ deliveries: 2 });
      return scenario.act();
    },
  };
}

/** Returns a scenario that deploys `description`, and after a failure deploys it again from any state. */
function deployment(
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
