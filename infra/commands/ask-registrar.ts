import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { GetScheduleCommand, type SchedulerClient } from '@aws-sdk/client-scheduler';
import type { WatchEvent, WatchReport } from '../../functions/contract.ts';
import type { DeployedBot } from './deployed-bots/deployed-stack.ts';

/**
 * Asks the registrar how Telegram sees a deployed bot. The registrar reads the token in AWS, which never leaves it,
 * and changes nothing. The event is the watch's own, from its schedule.
 *
 * @throws Error that says what is missing; errors of EventBridge Scheduler and Lambda
 */
export async function askRegistrar(
  { path, registrar, schedule }: DeployedBot,
  clients: { scheduler: SchedulerClient; lambda: LambdaClient },
): Promise<WatchReport> {
  if (!schedule || !registrar) {
    throw new Error(
      `The deployed stack has no watch for ${path}, which would ask Telegram: deploy it again.`,
    );
  }
  const { Target } = await clients.scheduler.send(
    new GetScheduleCommand({ Name: schedule.name, GroupName: schedule.group }),
  );
  const { ScheduledTime: _, ...event }: WatchEvent = JSON.parse(Target?.Input ?? '{}');
  const { FunctionError, Payload } = await clients.lambda.send(
    new InvokeCommand({
      FunctionName: registrar.name,
      Payload: JSON.stringify({ ...event, Purpose: 'status' } satisfies WatchEvent),
    }),
  );
  const answer = JSON.parse(Payload ? Buffer.from(Payload).toString() : 'null');
  if (FunctionError === undefined && typeof answer?.condition === 'string') return answer;
  throw new Error(
    `The registrar ${registrar.name} failed: ${answer?.errorMessage ?? 'it returned no report'}. ` +
      `Its log group is ${registrar.logGroup}.`,
  );
}
