import { ResourceType } from '../contract.ts';
import { toSourcePositions } from '../runtime/source-positions.ts';
import { resourceNames } from './bot/identify.ts';
import { type ErrorContext, explainError, isExpected } from './errors.ts';
import type { ResourceEvent, ResourceResponse } from './event.ts';
import { toReason } from './reason.ts';
import { RESPONSE_MS } from './retry/time-budget.ts';
import { isRollback } from './rollback.ts';
import { keepPrevious, routeEvent } from './route.ts';
import type { RequestContext, Services } from './services.ts';

/**
 * Handles an event within the time available, and logs the outcome.
 *
 * @param timeLeftMs how long until Lambda ends this invocation
 * @throws Error whose message is for the person at the terminal
 */
export async function handleEvent(
  event: ResourceEvent,
  timeLeftMs: number,
  services: Services,
): Promise<ResourceResponse> {
  const { clock, log } = services;
  const start = clock.now();
  let retries = 0;
  const context: RequestContext = {
    ...services,
    isRollback: await isRollback(event, services),
    deadline: start + timeLeftMs - RESPONSE_MS,
    onRetry(error, waitMs) {
      retries++;
      log.warn({ event: 'registrar.retry', because: (error as Error).message, waitMs });
    },
  };
  const facts = () => ({
    request: event.RequestType,
    resource: event.ResourceType,
    logicalId: event.LogicalResourceId,
    retries,
    durationMs: clock.now() - start,
  });

  try {
    const result = await routeEvent(event, context);
    const done = { event: 'registrar.done', ...facts(), ...result.facts };
    if (result.warning) log.warn({ ...done, because: result.warning });
    else log.info(done);
    return result.response;
  } catch (error) {
    const { what, fix } = explainError(error, errorContext(event));
    const stack = isExpected(error)
      ? {}
      : { stack: toSourcePositions(String((error as Error).stack)) };
    const previous = context.isRollback ? keepPrevious(event, error) : undefined;
    if (previous) {
      const done = { event: 'registrar.done', ...facts(), outcome: 'unfinished' };
      log.warn({ ...done, because: toReason({ what, fix }), ...stack });
      return previous;
    }
    const hint = context.isRollback ? rollbackHint(event) : '';
    const reason = toReason({ what, fix: `${fix}${hint}` });
    log.error({ event: 'registrar.failed', ...facts(), because: reason, ...stack });
    throw withoutStack(reason);
  }
}

function errorContext(event: ResourceEvent): ErrorContext {
  const tryAgain = event.RequestType === 'Delete' ? destroyAgain(event) : 'deploy again.';
  return { ...resourceNames(event), tryAgain };
}

function destroyAgain(event: ResourceEvent): string {
  const what = event.ResourceType === ResourceType.profile ? 'profile' : 'webhook';
  return (
    `run \`cdk destroy\` again; or delete the stack and keep the ${what}:\n` +
    `aws cloudformation delete-stack --stack-name ${stackOf(event)} --retain-resources ${event.LogicalResourceId}`
  );
}

/** Returns what to do first after a failed rollback: CloudFormation refuses to deploy such a stack. */
function rollbackHint(event: ResourceEvent): string {
  return `\nBefore you deploy, finish the rollback:\ncdk rollback ${stackOf(event)}`;
}

function stackOf({ StackId }: ResourceEvent): string | undefined {
  return StackId.split('/')[1];
}

/** Makes an error whose stack adds nothing to its message, because the framework shows both. */
function withoutStack(reason: string): Error {
  const error = new Error(reason);
  error.stack = error.name;
  return error;
}
