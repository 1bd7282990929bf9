import { Delivery } from '../../infra/settings/delivery.ts';
import { Endpoint } from '../../infra/settings/endpoint.ts';
import { type Bot, fakeToken } from '../sandbox/index.ts';
import { changedProfile, firstProfile, profileWith } from './profile.ts';
import {
  deployFirst,
  deployment,
  failing,
  type Scenario,
  withDuplicateEvents,
  withProfile,
} from './scenarios.ts';
import type { Simulation } from './simulation.ts';
import type { BotDescription, StackDescription } from './templates.ts';

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
const belowBasePath: BotDescription = { endpoint: Endpoint.httpApi({ basePath: 'bots/kit' }) };
const atFunctionUrl: BotDescription = { endpoint: Endpoint.functionUrl() };

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
  update('new base path', { bots: [belowBasePath] }),
  update('API to Function URL', { bots: [atFunctionUrl] }, { movesWebhook: true }),
  update('Function URL to API', {}, { from: { bots: [atFunctionUrl] }, movesWebhook: true }),
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
      return failing(simulation, deployment(simulation, bot, { bots: [changed] }), 'update');
    },
  },
  {
    name: 'first deploy, another resource fails',
    kind: 'create',
    endsIn: 'rollback',
    cause: OTHER_RESOURCE_FAILED,
    async prepare(simulation) {
      return failing(simulation, deployment(simulation, simulation.addBot()), 'create');
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
  {
    name: 'first deploy with a profile',
    kind: 'create',
    endsIn: 'success',
    prepare: (simulation) => withProfile(simulation, firstProfile),
  },
  {
    name: 'first deploy with a profile, another resource fails',
    kind: 'create',
    endsIn: 'rollback',
    cause: OTHER_RESOURCE_FAILED,
    async prepare(simulation) {
      return failing(simulation, await withProfile(simulation, firstProfile), 'create');
    },
  },
  {
    name: 'changed profile',
    kind: 'update',
    endsIn: 'success',
    rollbackRestores: true,
    prepare: (simulation) => withProfile(simulation, changedProfile, firstProfile),
  },
  {
    name: 'changed profile, another resource fails',
    kind: 'update',
    endsIn: 'rollback',
    cause: OTHER_RESOURCE_FAILED,
    rollbackRestores: true,
    async prepare(simulation) {
      const scenario = await withProfile(simulation, changedProfile, firstProfile);
      return failing(simulation, scenario, 'update');
    },
  },
  {
    name: 'destroy with a profile',
    kind: 'destroy',
    endsIn: 'success',
    async prepare(simulation) {
      const { bot, previousHost, ...rest } = await withProfile(
        simulation,
        firstProfile,
        firstProfile,
      );
      const act = () => simulation.destroy();
      return { ...rest, bot, previousHost, profile: profileWith(), act, fix: act };
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
