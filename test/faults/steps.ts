import { Delivery } from '../../infra/settings/delivery.ts';
import { fakeToken } from '../fixtures.ts';
import type { StackState } from '../sandbox/cloudformation/cloudformation.ts';
import type { Bot } from '../sandbox/telegram/bot.ts';
import type { BotDescription, StackDescription } from './templates.ts';
import type { World } from './simulation.ts';

/** A step in the life of a deployment, up to the moment before it is taken. */
export interface Situation {
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
  prepare(world: World): Promise<Situation>;
}

const FOREIGN = 'foreign.example';
const ELSEWHERE = /something else in the stack failed/;

const changed: Situation['settings'] & BotDescription = {
  maxConnections: 7,
  allowedUpdates: ['message', 'chat_member'],
};

const queued: BotDescription = { delivery: Delivery.queued() };

export const steps: readonly Step[] = [
  {
    name: 'first deploy',
    kind: 'create',
    ends: 'done',
    prepare: async (world) => deployment(world, world.addBot()),
  },
  {
    name: 'first deploy over a foreign webhook',
    kind: 'create',
    ends: 'done',
    moves: true,
    async prepare(world) {
      const bot = world.addBot();
      await world.setForeignWebhook(bot, FOREIGN);
      return deployment(world, bot);
    },
  },
  {
    name: "first deploy, existingWebhook: 'fail'",
    kind: 'create',
    ends: 'rolled back',
    cause: /already delivers to foreign.example.*Take that webhook down/,
    async prepare(world) {
      const bot = world.addBot();
      await world.setForeignWebhook(bot, FOREIGN);
      const act = () => world.deploy({ bots: [{ existingWebhook: 'fail' }] });
      return { ...deployment(world, bot), act };
    },
  },
  {
    name: 'first deploy, each event twice',
    kind: 'create',
    ends: 'done',
    prepare: async (world) => twice(world, deployment(world, world.addBot())),
  },
  {
    name: 'first deploy, answers lost',
    kind: 'create',
    ends: 'done',
    async prepare(world) {
      const situation = deployment(world, world.addBot());
      return { ...situation, act: () => world.losingAnswers(2, situation.act) };
    },
  },
  {
    name: 'first deploy, queued',
    kind: 'create',
    ends: 'done',
    prepare: async (world) => deployment(world, world.addBot(), { bots: [queued] }),
  },
  {
    name: 'deleted and deployed again',
    kind: 'create',
    ends: 'done',
    async prepare(world) {
      const bot = world.addBot();
      await standing(world, { bots: [changed] });
      await world.destroy();
      return deployment(world, bot);
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
    async prepare(world) {
      const bot = world.addBot();
      await standing(world, { bots: [{ id: 'Former' }] });
      return deployment(world, bot, { bots: [{ id: 'Latter' }] });
    },
  },
  {
    name: 'rotated token',
    kind: 'update',
    ends: 'done',
    newSecrets: true,
    async prepare(world) {
      const bot = world.addBot();
      await standing(world);
      world.storeToken(world.rotateToken(bot, 'r'));
      return deployment(world, bot);
    },
  },
  {
    name: "another bot's token",
    kind: 'update',
    ends: 'done',
    async prepare(world) {
      const formerBot = world.addBot();
      await standing(world);
      const token = fakeToken(7_000_000_002);
      const other = world.telegram.createBot({ token, username: 'other_bot', firstName: 'Other' });
      world.storeToken(token);
      return { ...deployment(world, other), formerBot };
    },
  },
  {
    name: 'taken over by another stack',
    kind: 'create',
    ends: 'done',
    moves: true,
    async prepare(world) {
      const bot = world.addBot();
      await standing(world);
      return deployment(world, bot, { name: 'Latter' });
    },
  },
  {
    name: "beside another stack's bot",
    kind: 'create',
    ends: 'done',
    async prepare(world) {
      const bystander = world.addBot({ id: 7_000_000_002, secret: 'telegram/other' });
      await standing(world, { name: 'Other', bots: [{ secret: 'telegram/other' }] });
      return { ...deployment(world, world.addBot()), bystander };
    },
  },
  {
    name: 'update that fails elsewhere',
    kind: 'update',
    ends: 'rolled back',
    cause: ELSEWHERE,
    restores: true,
    async prepare(world) {
      const bot = world.addBot();
      await standing(world);
      const description = { bots: [changed] };
      return {
        ...deployment(world, bot, description),
        act() {
          world.faults.resource = failsOnce('update');
          return world.deploy(description);
        },
      };
    },
  },
  {
    name: 'create that fails elsewhere',
    kind: 'create',
    ends: 'rolled back',
    cause: ELSEWHERE,
    async prepare(world) {
      const bot = world.addBot();
      return {
        ...deployment(world, bot),
        act() {
          world.faults.resource = failsOnce('create');
          return world.deploy();
        },
      };
    },
  },
  destroy('destroy'),
  destroy('destroy, the webhook gone', { before: (world, bot) => world.deleteWebhook(bot) }),
  destroy('destroy, a foreign webhook', {
    before: (world, bot) => world.setForeignWebhook(bot, FOREIGN),
    leaves: true,
  }),
  destroy('destroy, another stack has taken over', {
    before: (world) => standing(world, { name: 'Latter' }),
    leaves: true,
  }),
  {
    ...destroy('destroy, each event twice'),
    async prepare(world) {
      return twice(world, await destroy('').prepare(world));
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
    async prepare(world) {
      const bot = world.addBot();
      await standing(world, from);
      return deployment(world, bot, description);
    },
  };
}

function destroy(
  name: string,
  {
    before,
    leaves = false,
  }: { before?: (world: World, bot: Bot) => Promise<unknown>; leaves?: boolean } = {},
): Step {
  return {
    name,
    kind: 'destroy',
    ends: 'done',
    async prepare(world) {
      const bot = world.addBot();
      await standing(world);
      await before?.(world, bot);
      const act = () => world.destroy();
      const former = world.webhookHost(bot);
      return { bot, former, leaves: leaves ? former : '', stackName: 'Kit', act, again: act };
    },
  };
}

/** What is deployed before the step. */
async function standing(world: World, description?: StackDescription): Promise<void> {
  const { status, reason } = await world.deploy(description);
  if (!/^(CREATE|UPDATE)_COMPLETE$/.test(status)) throw new Error(`${status}: ${reason}`);
}

/** CloudFormation promises to deliver an event once at least. */
function twice(world: World, situation: Situation): Situation {
  return {
    ...situation,
    act() {
      world.faults.resource = () => ({ deliveries: 2 });
      return situation.act();
    },
  };
}

function deployment(world: World, bot: Bot, description: StackDescription = {}): Situation {
  const { name: stackName = 'Kit', bots: [settings] = [] } = description;
  return {
    bot,
    settings,
    former: world.webhookHost(bot),
    stackName,
    act: () => world.deploy(description),
    async again() {
      const { status } = world.cloudFormation.describe(stackName) ?? {};
      if (status === 'UPDATE_ROLLBACK_FAILED') {
        const state = await world.cloudFormation.continueRollback(stackName);
        if (state.status !== 'UPDATE_ROLLBACK_COMPLETE') return state;
      }
      if (status?.startsWith('ROLLBACK')) await world.destroy(stackName);
      return world.deploy(description);
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
