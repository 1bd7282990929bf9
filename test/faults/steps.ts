import { Delivery } from '../../infra/settings/delivery.ts';
import { type Bot, fakeToken, type StackState } from '../sandbox/index.ts';
import type { Simulation } from './simulation.ts';
import type { BotDescription, StackDescription } from './templates.ts';

/** A step in the life of a deployment, up to the moment before it is taken. */
export interface Scenario {
  /** Whose webhook the step is about. */
  readonly bot: Bot;
  /** Where the bot delivers until then; empty for nowhere. */
  readonly former: string;
  /** Another bot, whose webhook the step replaces by one of `bot`. */
  readonly formerBot?: Bot;
  /** A bot of another stack, which has nothing to do with all this. */
  readonly bystander?: Bot;
  readonly stackName: string;
  /** Host of a webhook that a destroy leaves where it is. */
  readonly leaves?: string;
  /** What Telegram has of the settings once the step is done; of those left out, the defaults. */
  readonly settings?: {
    readonly maxConnections?: number;
    readonly allowedUpdates?: readonly string[];
  };
  act(): Promise<StackState>;
  /** Once all is well again: what a person is told to do. */
  again(): Promise<StackState>;
}

export interface Step {
  readonly name: string;
  readonly kind: 'create' | 'update' | 'destroy';
  /** What becomes of it when nothing goes wrong but what the step itself is about. */
  readonly ends: 'done' | 'rolled back';
  /** A webhook of the kit's at another address than before. */
  readonly moves?: boolean;
  /** A rollback registers what was registered before. */
  readonly restores?: boolean;
  /** The secret has got a new token: the former webhook went with the old one, even before the step. */
  readonly newSecrets?: boolean;
  /** What a step that is rolled back says by itself. */
  readonly cause?: RegExp;
  prepare(simulation: Simulation): Promise<Scenario>;
}

const FOREIGN = 'foreign.example';
const ELSEWHERE = /something else in the stack failed/;

const changed: Scenario['settings'] & BotDescription = {
  maxConnections: 7,
  allowedUpdates: ['message', 'chat_member'],
};

const queued: BotDescription = { delivery: Delivery.queued() };

export const steps: readonly Step[] = [
  {
    name: 'first deploy',
    kind: 'create',
    ends: 'done',
    prepare: async (simulation) => deployment(simulation, simulation.addBot()),
  },
  {
    name: 'first deploy over a foreign webhook',
    kind: 'create',
    ends: 'done',
    moves: true,
    async prepare(simulation) {
      const bot = simulation.addBot();
      await simulation.setForeignWebhook(bot, FOREIGN);
      return deployment(simulation, bot);
    },
  },
  {
    name: "first deploy, existingWebhook: 'fail'",
    kind: 'create',
    ends: 'rolled back',
    cause: /already delivers to foreign.example.*Take that webhook down/,
    async prepare(simulation) {
      const bot = simulation.addBot();
      await simulation.setForeignWebhook(bot, FOREIGN);
      const act = () => simulation.deploy({ bots: [{ existingWebhook: 'fail' }] });
      return { ...deployment(simulation, bot), act };
    },
  },
  {
    name: 'first deploy, each event twice',
    kind: 'create',
    ends: 'done',
    prepare: async (simulation) => twice(simulation, deployment(simulation, simulation.addBot())),
  },
  {
    name: 'first deploy, answers lost',
    kind: 'create',
    ends: 'done',
    async prepare(simulation) {
      const scenario = deployment(simulation, simulation.addBot());
      return { ...scenario, act: () => simulation.losingAnswers(2, scenario.act) };
    },
  },
  {
    name: 'first deploy, queued',
    kind: 'create',
    ends: 'done',
    prepare: async (simulation) => deployment(simulation, simulation.addBot(), { bots: [queued] }),
  },
  {
    name: 'deleted and deployed again',
    kind: 'create',
    ends: 'done',
    async prepare(simulation) {
      const bot = simulation.addBot();
      await standing(simulation, { bots: [changed] });
      await simulation.destroy();
      return deployment(simulation, bot);
    },
  },
  update('deploy again'),
  update('changed settings', { bots: [changed] }),
  update('settings removed', {}, { from: { bots: [changed] } }),
  update('direct to queued', { bots: [queued] }),
  update('queued to direct', {}, { from: { bots: [queued] } }),
  update('new API', { newApi: true }, { moves: true }),
  {
    name: 'renamed construct',
    kind: 'update',
    ends: 'done',
    moves: true,
    async prepare(simulation) {
      const bot = simulation.addBot();
      await standing(simulation, { bots: [{ id: 'Former' }] });
      return deployment(simulation, bot, { bots: [{ id: 'Latter' }] });
    },
  },
  {
    name: 'rotated token',
    kind: 'update',
    ends: 'done',
    newSecrets: true,
    async prepare(simulation) {
      const bot = simulation.addBot();
      await standing(simulation);
      simulation.storeToken(simulation.rotateToken(bot, 'r'));
      return deployment(simulation, bot);
    },
  },
  {
    name: "another bot's token",
    kind: 'update',
    ends: 'done',
    async prepare(simulation) {
      const formerBot = simulation.addBot();
      await standing(simulation);
      const token = fakeToken(7_000_000_002);
      const other = simulation.telegram.createBot({
        token,
        username: 'other_bot',
        firstName: 'Other',
      });
      simulation.storeToken(token);
      return { ...deployment(simulation, other), formerBot };
    },
  },
  {
    name: 'taken over by another stack',
    kind: 'create',
    ends: 'done',
    moves: true,
    async prepare(simulation) {
      const bot = simulation.addBot();
      await standing(simulation);
      return deployment(simulation, bot, { name: 'Latter' });
    },
  },
  {
    name: "beside another stack's bot",
    kind: 'create',
    ends: 'done',
    async prepare(simulation) {
      const bystander = simulation.addBot({ id: 7_000_000_002, secret: 'telegram/other' });
      await standing(simulation, { name: 'Other', bots: [{ secret: 'telegram/other' }] });
      return { ...deployment(simulation, simulation.addBot()), bystander };
    },
  },
  {
    name: 'update that fails elsewhere',
    kind: 'update',
    ends: 'rolled back',
    cause: ELSEWHERE,
    restores: true,
    async prepare(simulation) {
      const bot = simulation.addBot();
      await standing(simulation);
      const description = { bots: [changed] };
      return {
        ...deployment(simulation, bot, description),
        act() {
          simulation.faults.resource = failsOnce('update');
          return simulation.deploy(description);
        },
      };
    },
  },
  {
    name: 'create that fails elsewhere',
    kind: 'create',
    ends: 'rolled back',
    cause: ELSEWHERE,
    async prepare(simulation) {
      const bot = simulation.addBot();
      return {
        ...deployment(simulation, bot),
        act() {
          simulation.faults.resource = failsOnce('create');
          return simulation.deploy();
        },
      };
    },
  },
  destroy('destroy'),
  destroy('destroy, the webhook gone', {
    before: (simulation, bot) => simulation.deleteWebhook(bot),
  }),
  destroy('destroy, a foreign webhook', {
    before: (simulation, bot) => simulation.setForeignWebhook(bot, FOREIGN),
    leaves: true,
  }),
  destroy('destroy, another stack has taken over', {
    before: (simulation) => standing(simulation, { name: 'Latter' }),
    leaves: true,
  }),
  {
    ...destroy('destroy, each event twice'),
    async prepare(simulation) {
      return twice(simulation, await destroy('').prepare(simulation));
    },
  },
];

function update(
  name: string,
  description: StackDescription = {},
  { from, ...facts }: Pick<Step, 'moves'> & { from?: StackDescription } = {},
): Step {
  return {
    name,
    kind: 'update',
    ends: 'done',
    restores: true,
    ...facts,
    async prepare(simulation) {
      const bot = simulation.addBot();
      await standing(simulation, from);
      return deployment(simulation, bot, description);
    },
  };
}

function destroy(
  name: string,
  {
    before,
    leaves = false,
  }: { before?: (simulation: Simulation, bot: Bot) => Promise<unknown>; leaves?: boolean } = {},
): Step {
  return {
    name,
    kind: 'destroy',
    ends: 'done',
    async prepare(simulation) {
      const bot = simulation.addBot();
      await standing(simulation);
      await before?.(simulation, bot);
      const act = () => simulation.destroy();
      const former = simulation.webhookHost(bot);
      return { bot, former, leaves: leaves ? former : '', stackName: 'Kit', act, again: act };
    },
  };
}

/** What is deployed before the step. */
async function standing(simulation: Simulation, description?: StackDescription): Promise<void> {
  const { status, reason } = await simulation.deploy(description);
  if (!/^(CREATE|UPDATE)_COMPLETE$/.test(status)) throw new Error(`${status}: ${reason}`);
}

/** CloudFormation promises to deliver an event once at least. */
function twice(simulation: Simulation, scenario: Scenario): Scenario {
  return {
    ...scenario,
    act() {
      simulation.faults.resource = () => ({ deliveries: 2 });
      return scenario.act();
    },
  };
}

function deployment(
  simulation: Simulation,
  bot: Bot,
  description: StackDescription = {},
): Scenario {
  const { name: stackName = 'Kit', bots: [settings] = [] } = description;
  return {
    bot,
    settings,
    former: simulation.webhookHost(bot),
    stackName,
    act: () => simulation.deploy(description),
    async again() {
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

/** The webhook was registered, and then something else in the stack fails. */
function failsOnce(kind: 'create' | 'update') {
  let failed = false;
  return (operation: { kind: string; type: string }) => {
    if (failed || operation.kind !== kind || operation.type !== 'Custom::TelegramWebhook') return;
    failed = true;
    return { failAfter: 'something else in the stack failed' };
  };
}
