import * as fc from 'fast-check';
import type { ApiCall } from './bot-api-server.ts';
import { faultNames, type StepFault } from './step-faults.ts';

/** The stacks. Each has a secret with the stack's name. */
export type StackName = 'A' | 'B';
/** The bots. Each has one webhook. */
export type BotNumber = 1 | 2;

export interface Settings {
  /** Id of the bot's construct. A deploy with another id renames it. */
  readonly id: 'Bot' | 'Renamed';
  readonly maxConnections: number;
  readonly allowedUpdates: readonly ('message' | 'callback_query')[];
  readonly existingWebhook: 'replace' | 'fail';
  readonly isQueued: boolean;
  readonly endpoint: 'API' | 'base path' | 'Function URL';
}

/** One thing that a person does to the stacks, bots and webhooks. */
export type SequenceStep =
  | { readonly do: 'deploy'; readonly stack: StackName; settings: Settings; fault?: StepFault }
  | { readonly do: 'destroy'; readonly stack: StackName; readonly fault?: StepFault }
  /** @BotFather revokes a token. If `isStored`, every secret that held the old one gets the new one. */
  | { readonly do: 'rotate token'; readonly bot: BotNumber; readonly isStored: boolean }
  | { readonly do: 'store token'; readonly stack: StackName; readonly bot: BotNumber }
  | { readonly do: 'set foreign webhook'; readonly bot: BotNumber }
  | { readonly do: 'delete webhook'; readonly bot: BotNumber };

const stack = fc.constantFrom<StackName>('A', 'B');
const bot = fc.constantFrom<BotNumber>(1, 2);

const times = fc.constantFrom<StepFault['times']>(1, 2, 'always');

function faultIn(methods: readonly ApiCall['method'][]): fc.Arbitrary<StepFault> {
  return fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        at: fc.constant('telegram' as const),
        method: fc.constantFrom(...methods),
        what: fc.constantFrom(...faultNames.telegram),
        after: fc.constantFrom(0, 0, 1),
        times,
      }),
    },
    fc.record({
      at: fc.constant('secret' as const),
      what: fc.constantFrom(...faultNames.secret),
      after: fc.constantFrom(0, 1),
      times,
    }),
    fc.record({
      at: fc.constant('registration' as const),
      what: fc.constantFrom(...faultNames.resource),
      after: fc.constantFrom(0, 0, 1),
      times: fc.constant(1),
    }),
    fc.record({
      at: fc.constant('anything' as const),
      what: fc.constantFrom(...faultNames.resource),
      after: fc.nat(20),
      times: fc.constant(1),
    }),
    fc.record({
      at: fc.constant('invocation' as const),
      what: fc.constant('is lost' as const),
      after: fc.nat(2),
      times: fc.constant(1),
    }),
  );
}

/** The methods, repeated by weight. */
const deployCalls = [
  ...(['setWebhook', 'setWebhook', 'setWebhook'] as const),
  ...(['getWebhookInfo', 'getWebhookInfo', 'getMe', 'unregister'] as const),
];

const deployFault = fc.oneof(
  { weight: 8, arbitrary: faultIn(deployCalls) },
  fc.record({
    at: fc.constant('probe' as const),
    what: fc.constantFrom(...faultNames.probe),
    after: fc.constant(0),
    times,
  }),
  fc.record({
    at: fc.constantFrom('receiver' as const, 'readiness' as const),
    what: fc.constant('crashes' as const),
    after: fc.constant(0),
    times,
  }),
);

const destroyFault = faultIn(['getWebhookInfo', 'unregister']);

const settings: fc.Arbitrary<Settings> = fc.record({
  id: fc.oneof(
    { weight: 3, arbitrary: fc.constant('Bot' as const) },
    fc.constant('Renamed' as const),
  ),
  maxConnections: fc.constantFrom(40, 3),
  allowedUpdates: fc.constantFrom<Settings['allowedUpdates']>(['message', 'callback_query'], []),
  existingWebhook: fc.oneof(
    { weight: 3, arbitrary: fc.constant('replace' as const) },
    fc.constant('fail' as const),
  ),
  isQueued: fc.boolean(),
  endpoint: fc.constantFrom('API' as const, 'base path' as const, 'Function URL' as const),
});

const step: fc.Arbitrary<SequenceStep> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('deploy' as const),
      stack,
      settings,
      fault: everyOther(deployFault),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('destroy' as const),
      stack,
      fault: everyOther(destroyFault),
    }),
  },
  fc.record({ do: fc.constant('rotate token' as const), bot, isStored: fc.boolean() }),
  fc.record({ do: fc.constant('store token' as const), stack, bot }),
  fc.record({ do: fc.constant('set foreign webhook' as const), bot }),
  fc.record({ do: fc.constant('delete webhook' as const), bot }),
);

export const sequences: fc.Arbitrary<SequenceStep[]> = fc.array(step, {
  minLength: 1,
  maxLength: 7,
  size: 'max',
});

function everyOther<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(arbitrary, { nil: undefined, freq: 2 });
}
