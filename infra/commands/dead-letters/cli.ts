/** `npm run dead-letters`: lists the updates that failed at every attempt, and moves them back or deletes them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { SQSClient } from '@aws-sdk/client-sqs';
import { clientOptions } from '../client-options.ts';
import { findBots } from '../deployed-bots/find-bots.ts';
import { botAccessUsage, botOptions, botOptionsUsage } from '../deployed-bots/options.ts';
import { ExitCode, exitCodesUsage, runMain, WrongOptionError } from '../run-main.ts';
import { isConfirmed } from './confirmation.ts';
import { type DeadLetter, DeadLetters } from './dead-letters.ts';

const usage = `npm run dead-letters [-- -c stage=NAME] [--show | --redrive | --purge [--yes]]

Lists the updates that failed at every attempt, without their content, for each bot of the app.
  --show         list them with their content, which is private
  --redrive      move them back to the bot's queue
  --purge        delete them permanently, after a confirmation; --yes skips it
${botOptionsUsage}

${botAccessUsage}, and on the queues
sqs:ReceiveMessage, ChangeMessageVisibility, GetQueueAttributes, StartMessageMoveTask, ListMessageMoveTasks,
DeleteMessage, SendMessage and PurgeQueue, as far as the flags need them.

${exitCodesUsage}`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      ...botOptions,
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
  const { show, redrive, purge, yes, ...options } = values;
  if ([show, redrive, purge].filter(Boolean).length > 1) {
    throw new WrongOptionError('Use only one of --show, --redrive and --purge.');
  }
  const { bots, problems } = await findBots(options);
  for (const problem of problems) console.error(problem);
  const queues = bots.flatMap(({ deadLetters, path, stack }) =>
    deadLetters
      ? [
          {
            bot: path,
            queue: new DeadLetters(new SQSClient(clientOptions(stack.region)), deadLetters),
          },
        ]
      : [],
  );
  if (queues.length === 0) {
    throw new Error(
      `${bots.map(({ path }) => path).join(', ')}: direct delivery has no dead letters. Only Delivery.queued() has them.`,
    );
  }
  let exitCode: number = problems.length > 0 ? ExitCode.failed : 0;
  for (const { bot, queue } of queues) {
    if (redrive) await redriveAll(queue, bot);
    else if (purge) exitCode = Math.max(exitCode, await purgeAll(queue, { bot, yes }));
    else if (await isInterrupted(queue, { bot, show })) return ExitCode.interrupted;
  }
  return exitCode;
}

/** Lists the dead letters of a bot, and returns whether Ctrl-C ended that early. */
async function isInterrupted(
  queue: DeadLetters,
  { bot, show }: { bot: string; show: boolean },
): Promise<boolean> {
  const interruption = new AbortController();
  const interrupt = () => interruption.abort();
  process.once('SIGINT', interrupt);
  const { letters, more } = await queue.list(interruption.signal);
  process.off('SIGINT', interrupt);
  for (const letter of letters) print(letter, show);
  console.log(`${deadLetters(letters.length + more)} of ${bot}`);
  if (more > 0) {
    console.log(
      `Not shown: ${more}, either behind others of their chats or held by another consumer for up to a minute.`,
    );
  }
  return interruption.signal.aborted;
}

function deadLetters(count: number): string {
  return `${count} dead ${count === 1 ? 'letter' : 'letters'}`;
}

function print({ updateId, type, since, body }: DeadLetter, show: boolean): void {
  console.log(`${since.toISOString()}  update ${updateId ?? '?'}  ${type}`);
  if (show) console.log(`  ${body}`);
}

async function redriveAll(queue: DeadLetters, bot: string): Promise<void> {
  if ((await queue.count()) === 0) {
    console.log(`${bot} has no dead letters.`);
    return;
  }
  const stop = () => {
    console.error('\nStopped watching. SQS continues to move them.');
    process.exit(ExitCode.interrupted);
  };
  process.once('SIGINT', stop);
  const { status, moved, failure } = await queue.redrive(
    ({ moved, total }) => {
      if (process.stderr.isTTY) process.stderr.write(`\r${moved} of ${total} moved`);
    },
    () => sleep(1000),
  );
  if (process.stderr.isTTY) process.stderr.write('\n');
  process.off('SIGINT', stop);
  if (status === 'COMPLETED') {
    console.log(`${moved} moved back to the queue of ${bot}.`);
    return;
  }
  throw new Error(
    `The move for ${bot} ended with ${status} after ${moved}: ${failure ?? 'SQS gives no reason'}. Run --redrive again for the rest.`,
  );
}

async function purgeAll(
  queue: DeadLetters,
  { bot, yes }: { bot: string; yes: boolean },
): Promise<number> {
  const count = await queue.count();
  if (count === 0) {
    console.log(`${bot} has no dead letters.`);
    return 0;
  }
  const question = `Delete ${deadLetters(count)} of ${bot} permanently?`;
  const terminal = { input: process.stdin, output: process.stderr };
  if (!yes && !(await isConfirmed(question, bot, terminal))) {
    console.error('Nothing was deleted.');
    return ExitCode.failed;
  }
  await queue.purge();
  console.log(`${count} of ${bot} deleted. SQS takes up to a minute to do so.`);
  return 0;
}

process.exitCode = await runMain(main);
