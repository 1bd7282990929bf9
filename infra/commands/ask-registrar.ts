import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { GetScheduleCommand, type SchedulerClient } from '@aws-sdk/client-scheduler';
import type { WatchEvent, WatchReport, WatchRound } from '../../functions/contract.ts';
import type { DeployedBot } from './deployed-bots/deployed-stack.ts';

/**
 * Asks the registrar how Telegram sees a deployed bot. The registrar reads the token in AWS, which never leaves it,
 * and changes nothing. The event is the watch's own, from the schedule of its stack.
 *
 * @throws Error that says what is missing; errors of EventBridge Scheduler and Lambda
 */
export async function askRegistrar(
  { path, registrar, schedule }: DeployedBot,
  clients: { scheduler: SchedulerClient; lambda: LambdaClient },
): Promise<WatchReport> {
  if (!schedule || !registrar) throw withoutWatch(path);
  const { Target } = await clients.scheduler.send(
    new GetScheduleCommand({ Name: schedule.name, GroupName: schedule.group }),
  );
  const { Checks = [] }: Partial<WatchRound> = JSON.parse(Target?.Input ?? '{}');
  const check = Checks.find(({ Bot }) => Bot === path);
  if (!check) throw withoutWatch(path);
  const { FunctionError, Payload } = await clients.lambda.send(
    new InvokeCommand({
      FunctionName: registrar.name,
      Payload: JSON.stringify({ ...check, Purpose: 'status' } satisfies WatchEvent),
    }),
  );
  const answer = JSON.parse(Payload ? Buffer.from(Payload).toString() : 'null');
  if (FunctionError === undefined && typeof answer?.condition === 'string') return answer;
  throw new Error(
    `The registrar ${registrar.name} failed: ${answer?.errorMessage ?? 'it returned no report'}. ` +
      `Its log group is ${registrar.logGroup}.`,
  );
}

function withoutWatch(path: string): Error {
  return new Error(
    `The deployed stack has no watch for ${path}, which would ask Telegram: deploy it again.`,
  );
}
