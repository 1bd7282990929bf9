/** `npm run plan`: shows what a deploy would change at Telegram. */
import { parseArgs } from 'node:util';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { clientOptions } from '../client-options.ts';
import { findStacks } from '../deployed-bots/find-bots.ts';
import { botAccessUsage, botOptions, botOptionsUsage } from '../deployed-bots/options.ts';
import { ExitCode, exitCodesUsage, runMain } from '../run-main.ts';
import { layOutPlans } from './layout.ts';
import { planStack } from './plan-stack.ts';

const { stack: _, ...options } = botOptions;

const usage = `npm run plan [-- -c stage=NAME]

Shows what a deploy of the app would change at Telegram, as npm run diff shows what it would change in AWS. It
changes nothing.
${botOptionsUsage.replace(/.*--stack.*\n/, '')}

${botAccessUsage}, scheduler:GetSchedule,
and lambda:InvokeFunction on the registrar.
${exitCodesUsage}`;

/** Of a file or a pipe. */
const DEFAULT_COLUMNS = 80;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { ...options, help: { type: 'boolean', short: 'h', default: false } },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const stacks = await findStacks(values);
  const results = await Promise.all(
    stacks.map((stack) => planStack(stack, clientsOf).catch((error: Error) => error)),
  );
  const plans = results.flatMap((result) => (result instanceof Error ? [] : result));
  const errors = results.filter((result) => result instanceof Error);
  const { columns = DEFAULT_COLUMNS, isTTY } = process.stdout;
  if (plans.length > 0) {
    console.log(layOutPlans(plans, { columns, isColoured: isTTY && !process.env.NO_COLOR }));
  }
  for (const { message } of errors) console.error(message);
  return errors.length > 0 ? ExitCode.failed : 0;
}

function clientsOf(region: string) {
  return {
    lambda: new LambdaClient(clientOptions(region, 60_000)),
    scheduler: new SchedulerClient(clientOptions(region)),
  };
}

process.exitCode = await runMain(main);
