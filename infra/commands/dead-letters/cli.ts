/** `npm run dead-letters`: lists the updates that failed at every attempt, and moves them back or deletes them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { SQSClient } from '@aws-sdk/client-sqs';
import { withHint } from '../aws-hints.ts';
import { isConfirmed } from './confirmation.ts';
import { type DeadLetter, DeadLetters } from './dead-letters.ts';
import { queueOfStack } from './queue-of-stack.ts';

const usage = `npm run dead-letters [-- --stage NAME] [--show | --redrive | --purge [--yes]]

Lists the updates that failed at every attempt, without their content.
  --stage NAME   the stage (default dev): stack TelegramBot-<stage>
  --show         list them with their content, which is private
  --redrive      move them back to the bot's queue
  --purge        delete them permanently, after a confirmation; --yes skips it

Uses the AWS credentials and the region of your shell. Needs the permissions cloudformation:DescribeStacks,
and on the queues sqs:ReceiveMessage, ChangeMessageVisibility, GetQueueAttributes, StartMessageMoveTask,
ListMessageMoveTasks, DeleteMessage, SendMessage and PurgeQueue, as far as the flags need them.`;

const INTERRUPTED = 130;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      stage: { type: 'string', default: 'dev' },
      show: { type: 'boolean', default: false },
      redrive: { type: 'boolean', default: false },
      purge: { type: 'boolean', default: false },
      yes: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const { stage, show, redrive, purge, yes } = values;
  if ([show, redrive, purge].filter(Boolean).length > 1) {
    throw new Error('Use only one of --show, --redrive and --purge.');
  }
  const stack = `TelegramBot-${stage}`;
  const queue = new DeadLetters(
    new SQSClient({}),
    await queueOfStack(new CloudFormationClient({}), stack),
  );
  if (redrive) return redriveAll(queue);
  if (purge) return purgeAll(queue, { stack, stage, yes });
  return list(queue, { stack, show });
}

async function list(
  queue: DeadLetters,
  { stack, show }: { stack: string; show: boolean },
): Promise<number> {
  const interruption = new AbortController();
  process.once('SIGINT', () => interruption.abort());
  const { letters, more } = await queue.list(interruption.signal);
  for (const letter of letters) print(letter, show);
  console.log(`${deadLetters(letters.length + more)} of ${stack}`);
  if (more > 0) {
    console.log(
      `Not shown: ${more}, either behind others of their chats or held by another consumer for up to a minute.`,
    );
  }
  return interruption.signal.aborted ? INTERRUPTED : 0;
}

function deadLetters(count: number): string {
  return `${count} dead ${count === 1 ? 'letter' : 'letters'}`;
}

function print({ updateId, type, since, body }: DeadLetter, show: boolean): void {
  console.log(`${since.toISOString()}  update ${updateId ?? '?'}  ${type}`);
  if (show) console.log(`  ${body}`);
}

async function redriveAll(queue: DeadLetters): Promise<number> {
  if ((await queue.count()) === 0) {
    console.log('There are no dead letters.');
    return 0;
  }
  process.once('SIGINT', () => {
    console.error('\nStopped watching. SQS continues to move them.');
    process.exit(INTERRUPTED);
  });
  const { status, moved, failure } = await queue.redrive(
    ({ moved, total }) => {
      if (process.stderr.isTTY) process.stderr.write(`\r${moved} of ${total} moved`);
    },
    () => sleep(1000),
  );
  if (process.stderr.isTTY) process.stderr.write('\n');
  if (status === 'COMPLETED') {
    console.log(`${moved} moved back to the bot's queue.`);
    return 0;
  }
  throw new Error(
    `The move ended with ${status} after ${moved}: ${failure ?? 'SQS gives no reason'}. Run --redrive again for the rest.`,
  );
}

async function purgeAll(
  queue: DeadLetters,
  { stack, stage, yes }: { stack: string; stage: string; yes: boolean },
): Promise<number> {
  const count = await queue.count();
  if (count === 0) {
    console.log('There are no dead letters.');
    return 0;
  }
  const question = `Delete ${deadLetters(count)} of ${stack} permanently?`;
  const terminal = { input: process.stdin, output: process.stderr };
  if (!yes && !(await isConfirmed(question, stage, terminal))) {
    console.error('Nothing was deleted.');
    return 1;
  }
  await queue.purge();
  console.log(`${count} deleted. SQS takes up to a minute to do so.`);
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(withHint(error as Error));
  process.exitCode = 1;
}
