import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { describe, expect, it } from 'vitest';
import type { DeployedBot } from '../../../../infra/commands/deployed-bots/deployed-stack.ts';
import {
  type BotStatus,
  exitCodeOf,
  healthOf,
  readStatus,
  type StatusClients,
} from '../../../../infra/commands/status/read-status.ts';
import { denied, healthy, notDeployed, now, unhealthy } from './statuses.ts';

const stack = { ...healthy.stack, deployedAt: new Date('2027-03-01T09:00:00Z') };
const bot: DeployedBot = {
  path: 'TelegramBot-prod/Bot',
  webhook: {},
  stack,
  registrar: { name: 'registrar', logGroup: 'registrar-log' },
  bot: { name: 'bot', logGroup: 'bot-log' },
  updates: 'https://sqs.eu-west-1.amazonaws.com/123456789012/Updates.fifo',
  deadLetters: 'https://sqs.eu-west-1.amazonaws.com/123456789012/Dead.fifo',
  schedule: { name: 'watch', group: undefined },
  alarms: ['one', 'two'],
};
const found = (
  bots: readonly DeployedBot[] = [bot],
  declared: readonly { path: string }[] = [],
) => ({
  declared: {
    name: 'TelegramBot-prod',
    id: 'TelegramBot-prod',
    bots: declared.map(({ path }) => ({ path, webhook: {} })),
  },
  deployed: { ...stack, bots },
});

type Send = (command: string, input: Record<string, unknown>) => unknown;

const check = (Bot: string) => ({ RequestType: 'Watch', Purpose: 'watch', Bot });
const round = {
  RequestType: 'WatchRound',
  ScheduledTime: '<time>',
  Checks: [check('TelegramBot-prod/Other'), check(bot.path)],
};

/** Answers as a healthy bot's services do, unless `answers` has another answer or an error for a command. */
function clientsThat(answers: Record<string, Send | Error> = {}) {
  const sent: { command: string; input: Record<string, unknown> }[] = [];
  const defaults: Record<string, Send> = {
    GetSchedule: () => ({ Target: { Input: JSON.stringify(round) } }),
    Invoke: () => ({ Payload: Buffer.from(JSON.stringify(healthy.report)) }),
    GetQueueAttributes: () => ({ Attributes: { ApproximateNumberOfMessages: '0' } }),
    DescribeAlarms: () => ({ MetricAlarms: [] }),
    FilterLogEvents: () => ({ events: [] }),
  };
  const client = {
    async send({ constructor: { name }, input }: { constructor: { name: string }; input: object }) {
      const command = name.replace(/Command$/, '');
      sent.push({ command, input: { ...input } });
      const answer = answers[command] ?? defaults[command];
      if (!answer || answer instanceof Error) throw answer ?? new Error(`Unexpected ${command}`);
      return answer(command, { ...input });
    },
  };
  const inputOf = (command: string) => sent.find((entry) => entry.command === command)?.input;
  const clients = { cloudWatch: client, lambda: client, scheduler: client, sqs: client };
  const logs = Object.assign(new CloudWatchLogsClient({ region: 'eu-west-1' }), client);
  return { clients: { ...clients, logs } as unknown as StatusClients, inputOf };
}

async function statusWith(answers: Record<string, Send | Error>): Promise<BotStatus> {
  const [status] = await readStatus(found(), () => clientsThat(answers).clients, now);
  return status as BotStatus;
}

describe('the status of a bot', () => {
  it('is read from the services, in the region of the stack', async () => {
    const regions: string[] = [];
    const { clients, inputOf } = clientsThat();
    const statuses = await readStatus(
      found(),
      (region) => {
        regions.push(region);
        return clients;
      },
      now,
    );
    expect(statuses).toEqual([{ ...healthy, alarms: { total: 2, inAlarm: [] } }]);
    expect(regions).toEqual(['eu-west-1']);
    expect(inputOf('DescribeAlarms')).toEqual({ AlarmNames: ['one', 'two'], StateValue: 'ALARM' });
  });

  it("sends the registrar the watch's own event, which then only looks", async () => {
    const { clients, inputOf } = clientsThat();
    await readStatus(found(), () => clients, now);
    const { FunctionName, Payload } = inputOf('Invoke') ?? {};
    expect(FunctionName).toBe('registrar');
    expect(JSON.parse(String(Payload))).toEqual({
      RequestType: 'Watch',
      Purpose: 'status',
      Bot: bot.path,
    });
  });

  it('has the newest age of the oldest update that CloudWatch knows', async () => {
    const queue = await statusWith({
      GetQueueAttributes: (_, { QueueUrl }) => ({
        Attributes:
          QueueUrl === bot.updates
            ? { ApproximateNumberOfMessages: '3', ApproximateNumberOfMessagesNotVisible: '1' }
            : { ApproximateNumberOfMessages: '2' },
      }),
      GetMetricStatistics: (_, { Dimensions }) => ({
        Datapoints: JSON.stringify(Dimensions).includes('"Updates.fifo"') && [
          { Timestamp: new Date(now - 60_000), Maximum: 90 },
          { Timestamp: new Date(now - 120_000), Maximum: 30 },
        ],
      }),
    });
    expect(queue).toMatchObject({
      health: 'unhealthy',
      queue: { waiting: 3, inFlight: 1, oldestSeconds: 90, deadLetters: 2 },
    });
  });

  it('keeps what can be read when a part cannot', async () => {
    const error = Object.assign(new Error('not authorized'), { name: 'AccessDeniedException' });
    const status = await statusWith({ GetSchedule: error, DescribeAlarms: error });
    expect(status).toMatchObject({
      health: 'unknown',
      report: {
        unreadable: expect.stringContaining('not authorized\nRun the command with --help'),
      },
      alarms: { unreadable: expect.stringContaining('not authorized') },
      queue: healthy.queue,
      errors: [],
    });
  });

  it.each([
    [
      { FunctionError: 'Unhandled', Payload: Buffer.from('{"errorMessage":"out of memory"}') },
      'out of memory',
    ],
    [{ Payload: Buffer.from('{}') }, 'it returned no report'],
  ])('has no diagnosis when the registrar returns %j', async (answer, reason) => {
    const { report } = await statusWith({ Invoke: () => answer });
    expect(report).toHaveProperty('unreadable', expect.stringContaining(reason));
    expect(report).toHaveProperty('unreadable', expect.stringContaining('registrar-log'));
  });
});

describe('the bots of a stack', () => {
  it('that was deployed without a watch or a queue have the rest of a status', async () => {
    const old = { ...bot, schedule: undefined, updates: undefined, alarms: [] };
    const { clients, inputOf } = clientsThat();
    const [status] = await readStatus(found([old]), () => clients, now);
    expect(status).toMatchObject({ health: 'unknown', queue: undefined, alarms: { total: 0 } });
    expect(status).toHaveProperty('report.unreadable', expect.stringContaining('deploy it again'));
    // CloudWatch would describe every alarm of the account.
    expect(inputOf('DescribeAlarms')).toBeUndefined();
  });

  it('that are declared but not deployed are unknown', async () => {
    const { clients } = clientsThat();
    const declared = [bot, { path: 'TelegramBot-prod/New' }];
    const [, added] = await readStatus(found([bot], declared), () => clients, now);
    expect(added).toMatchObject({ health: 'unknown', bots: ['TelegramBot-prod/New'] });
    const unread = { ...found([], declared), deployed: new Error('No credentials') };
    expect(await readStatus(unread, () => clients, now)).toEqual([
      {
        health: 'unknown',
        stack: { name: 'TelegramBot-prod' },
        bots: ['TelegramBot-prod/Bot', 'TelegramBot-prod/New'],
        unreadable: 'No credentials',
      },
    ]);
  });
});

describe('the health of a bot', () => {
  const report = (condition: string, severity: string) => ({
    ...healthy.report,
    condition,
    severity,
  });
  it.each([
    ['healthy', {}],
    ['healthy', { stack: { ...healthy.stack, status: 'UPDATE_IN_PROGRESS' } }],
    ['healthy', { stack: unhealthy.stack }],
    ['healthy', { errors: { unreadable: 'x' } }],
    ['unhealthy', { stack: { ...healthy.stack, status: 'UPDATE_ROLLBACK_FAILED' } }],
    ['unhealthy', { stack: { ...healthy.stack, status: 'ROLLBACK_COMPLETE' } }],
    ['unhealthy', { report: report('foreign', 'error') }],
    ['unhealthy', { report: report('backlog', 'warning') }],
    ['unhealthy', { queue: { ...healthy.queue, deadLetters: 1 } }],
    ['unhealthy', { alarms: unhealthy.alarms }],
    ['unhealthy', { alarms: unhealthy.alarms, report: { unreadable: 'x' } }],
    ['unknown', { report: report('telegram-unreachable', 'warning') }],
    ['unknown', { report: { unreadable: 'x' } }],
    ['unknown', { queue: { unreadable: 'x' } }],
    ['unknown', { alarms: { unreadable: 'x' } }],
  ])('is %s with %j', (health, change) => {
    expect(healthOf({ ...healthy, ...change } as BotStatus)).toBe(health);
  });

  it('decides the exit code', () => {
    expect(exitCodeOf([healthy, healthy])).toBe(0);
    expect(exitCodeOf([healthy, denied, unhealthy])).toBe(1);
    expect(exitCodeOf([healthy, notDeployed])).toBe(2);
  });
});
