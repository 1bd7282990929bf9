import { expect, it } from 'vitest';
import type { StackState } from '../cloudformation/cloudformation.ts';
import type { Bot } from '../telegram/bot.ts';
import { fakeToken } from '../telegram/fake-token.ts';
import { botOfFunction, botOfQueue, findLocalBots } from './bots.ts';
import { newQueue } from './fixtures.ts';

const queue = newQueue({ clock: { now: () => 0 } as never });
const QUEUE = 'https://sqs.us-east-1.amazonaws.com/123456789012/Updates.fifo';
const bot = (id: number) => ({ id }) as Bot;

/** Returns a stack with functions, each with its environment, and a bot resource for each id with its secret. */
function stack(
  environments: Readonly<Record<string, Readonly<Record<string, string>>>>,
  secrets: Readonly<Record<string, string>>,
) {
  const functions = Object.keys(environments).map((name) => [
    name,
    { type: 'AWS::Lambda::Function', physicalId: name, properties: {} },
  ]);
  const bots = Object.entries(secrets).map(([id, TokenSecret]) => [
    `Bot${id}`,
    {
      ...{ type: 'Custom::TelegramBot', physicalId: id, properties: { TokenSecret } },
      path: `Own/Bots/Bot${id}/Identity/Resource/Default`,
    },
  ]);
  const state = { resources: new Map([...functions, ...bots] as never) } as unknown as StackState;
  const lambda = {
    has: (name: string) => name in environments,
    configurationOf: (name: string) => ({
      ...{ name, environment: environments[name] },
      ...(name !== 'silent' && { logGroup: `logs of ${name}` }),
    }),
  };
  const sqs = { has: (url: string) => url === QUEUE, queue: () => queue.updates };
  return { aws: { lambda, sqs } as never, state };
}

it('finds the functions and the queue of each bot by its token secret, without any output', () => {
  const { aws, state } = stack(
    {
      one: { BOT_TOKEN_SECRET: 'one/token' },
      two: { BOT_TOKEN_SECRET: 'two/token', UPDATE_QUEUE_URL: QUEUE },
      'ingress-of-two': { UPDATE_QUEUE_URL: QUEUE },
      'reminder-of-two': { BOT_TOKEN_SECRET: 'two/token' },
      other: {},
    },
    { 1: 'one/token', 2: 'two/token' },
  );
  expect(findLocalBots(aws, [state], [bot(1), bot(2)])).toEqual([
    { bot: bot(1), path: 'Own/Bots/Bot1', logGroups: ['logs of one'] },
    {
      bot: bot(2),
      path: 'Own/Bots/Bot2',
      logGroups: ['logs of two', 'logs of reminder-of-two', 'logs of ingress-of-two'],
      queue: {
        arn: 'arn:aws:sqs:us-east-1:123456789012:Updates.fifo',
        updates: queue.updates,
        deadLetters: {
          arn: 'arn:aws:sqs:us-east-1:123456789012:DeadLetters.fifo',
          queue: queue.deadLetters?.queue,
        },
      },
    },
  ]);
});

it('knows the log group of a function that names none', () => {
  const { aws, state } = stack({ silent: { BOT_TOKEN_SECRET: 'a' } }, { 1: 'a' });
  expect(findLocalBots(aws, [state], [bot(1)])[0]?.logGroups).toEqual(['/aws/lambda/silent']);
});

it('finds nothing of a bot that is not deployed', () => {
  const { aws, state } = stack({ one: { BOT_TOKEN_SECRET: 'a' } }, {});
  expect(findLocalBots(aws, [state], [bot(1)])).toEqual([{ bot: bot(1), logGroups: [] }]);
});

it("finds a bot's own schedule among others, whose input need not be JSON", async () => {
  const { aws, state } = stack({ one: { BOT_TOKEN_SECRET: 'a' } }, { 1: 'a', 2: 'b' });
  const schedule = (Input: string) => ({
    ...{ type: 'AWS::Scheduler::Schedule', physicalId: Input },
    properties: { Target: { Arn: 'registrar', Input } },
  });
  const resources = state.resources as Map<string, unknown>;
  resources.set('Other', schedule('{"attempt": <aws.scheduler.attempt-number>}'));
  const check = (Bot: string) => ({ Bot, Purpose: 'watch' });
  const Checks = [check('Own/Bots/Bot0'), check('Own/Bots/Bot1')];
  const ScheduledTime = '<aws.scheduler.scheduled-time>';
  resources.set('Watch', schedule(JSON.stringify({ RequestType: 'Round', ScheduledTime, Checks })));
  const sent: unknown[] = [];
  const lambda = Reflect.get(aws, 'lambda') as object;
  Object.assign(lambda, {
    invoke: async (...invocation: unknown[]) => {
      sent.push(invocation);
      return { payload: '{"condition":"healthy"}' };
    },
  });
  const [first, second] = findLocalBots(aws, [state], [bot(1), bot(2)]);
  expect(await first?.diagnose?.()).toEqual({ condition: 'healthy' });
  expect(sent).toEqual([['registrar', { Bot: 'Own/Bots/Bot1', Purpose: 'status' }]]);
  await first?.runWatch?.(0);
  expect(sent[1]).toEqual([
    'registrar',
    {
      ...{ RequestType: 'Round', ScheduledTime: '1970-01-01T00:00:00.000Z' },
      Checks: [check('Own/Bots/Bot1')],
    },
  ]);
  expect(second?.diagnose).toBeUndefined();
  expect(second?.runWatch).toBeUndefined();
});

it('tells whose a function or a queue is by the token in the secret', () => {
  const values: Record<string, string> = {
    'one/token': fakeToken(1),
    'arn:aws:secretsmanager:eu-west-1:123456789012:secret:two': JSON.stringify({
      token: fakeToken(2),
    }),
    empty: '',
  };
  const environments = [
    { BOT_TOKEN_SECRET: 'one/token', UPDATE_QUEUE_URL: QUEUE },
    { UPDATE_QUEUE_URL: QUEUE },
    { BOT_TOKEN_SECRET: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:two' },
    { BOT_TOKEN_SECRET: 'empty' },
    {},
  ];
  const configurations = environments.map((environment) => ({ environment }) as never);
  const aws = {
    lambda: { configurations: () => configurations },
    secrets: { valueOf: (id: string) => values[id] },
  };
  expect(configurations.map((one) => botOfFunction(aws, one))).toEqual([
    1,
    1,
    2,
    undefined,
    undefined,
  ]);
  expect(botOfQueue(aws, QUEUE)).toBe(1);
  expect(botOfQueue(aws, `${QUEUE}-other`)).toBeUndefined();
});
