/** `npm run status`: shows how the deployed bots are. */
import { parseArgs } from 'node:util';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { SQSClient } from '@aws-sdk/client-sqs';
import { withHint } from '../aws-hints.ts';
import { clientOptions } from '../client-options.ts';
import { findStacks } from '../deployed-bots/find-bots.ts';
import { botAccessUsage, botOptions, botOptionsUsage } from '../deployed-bots/options.ts';
import { endWithReader } from '../run-main.ts';
import { layOut } from './layout.ts';
import { exitCodeOf, readStatus } from './read-status.ts';

const usage = `npm run status [-- -c stage=NAME] [--json]

Shows for each bot of the app: its stack, the webhook at Telegram and what is wrong with it, how its profile differs
from the declared one, the queue, the alarms and the last errors. It changes nothing, and the bot token stays in AWS.
The exit code is 0 if all bots are healthy, 1 if one is not, and 2 if that is unknown. A profile that differs does not
count: the bot receives its updates.
  --json         for programs; with npm run -s status
${botOptionsUsage}

${botAccessUsage}, scheduler:GetSchedule,
lambda:InvokeFunction on the registrar, sqs:GetQueueAttributes, cloudwatch:GetMetricStatistics and DescribeAlarms,
and logs:FilterLogEvents. Anything that it may not read is marked as such.`;

const UNKNOWN = 2;
/** Of a file or a pipe. */
const DEFAULT_COLUMNS = 80;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      ...botOptions,
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const { json, help: _, ...options } = values;
  const stacks = await findStacks(options);
  const now = Date.now();
  const statuses = (
    await Promise.all(stacks.map((stack) => readStatus(stack, clientsOf, now)))
  ).flat();
  if (statuses.length === 0) throw new Error(`Stack ${options.stack} has no TelegramBot.`);
  const { columns = DEFAULT_COLUMNS, isTTY } = process.stdout;
  const isColoured = isTTY && !process.env.NO_COLOR;
  console.log(
    json
      ? JSON.stringify({ bots: statuses }, null, 2)
      : layOut(statuses, { columns, isColoured, now, options }),
  );
  return exitCodeOf(statuses);
}

function clientsOf(region: string) {
  return {
    cloudWatch: new CloudWatchClient(clientOptions(region)),
    lambda: new LambdaClient(clientOptions(region, 60_000)),
    logs: new CloudWatchLogsClient(clientOptions(region)),
    scheduler: new SchedulerClient(clientOptions(region)),
    sqs: new SQSClient(clientOptions(region)),
  };
}

endWithReader();
try {
  process.exitCode = await main();
} catch (error) {
  console.error(withHint(error as Error));
  process.exitCode = UNKNOWN;
}
