import { type ErrorContext, explainError, isExpected } from './errors.ts';
import type { ResourceAnswer, ResourceEvent } from './event.ts';
import { isRollback, routeEvent } from './route.ts';
import type { RequestContext, Services } from './services.ts';

/** For the last attempt, which may begin at the deadline, and to hand in the answer. */
export const MARGIN_MS = 25_000;

/**
 * Does what CloudFormation asks, within the time there is, and logs it.
 *
 * @param timeLeftMs until Lambda ends this invocation
 * @throws an Error whose message, and whole stack, is one line for the person at the terminal
 */
export async function handleEvent(
  event: ResourceEvent,
  timeLeftMs: number,
  services: Services,
): Promise<ResourceAnswer> {
  const { clock, log } = services;
  const start = clock.now();
  let retries = 0;
  const context: RequestContext = {
    ...services,
    deadline: start + timeLeftMs - MARGIN_MS,
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
    const served = await routeEvent(event, context);
    const done = { event: 'registrar.done', ...facts(), ...served.facts };
    if (served.warning) log.warn({ ...done, because: served.warning });
    else log.info(done);
    return served.answer;
  } catch (error) {
    const reason = `${explainError(error, circumstances(event))}${wayOut(event)}`.replaceAll(
      /\s+/g,
      ' ',
    );
    const { stack } = error as Error;
    log.error({
      event: 'registrar.failed',
      ...facts(),
      because: reason,
      ...(!isExpected(error) && { stack }),
    });
    throw oneLine(reason);
  }
}

function circumstances(event: ResourceEvent): ErrorContext {
  const { TokenSecret, ApiRoot } = event.ResourceProperties;
  return {
    tokenSecret: String(TokenSecret),
    apiRoot: String(ApiRoot),
    tryAgain: event.RequestType === 'Delete' ? destroyAgain(event) : 'deploy again.',
  };
}

function destroyAgain(event: ResourceEvent): string {
  return (
    'run `cdk destroy` again; or leave the webhook behind: ' +
    `aws cloudformation delete-stack --stack-name ${stackOf(event)} --retain-resources ${event.LogicalResourceId}`
  );
}

/** A stack whose rollback fails takes no deploy any more. */
function wayOut(event: ResourceEvent): string {
  const isStuck = event.RequestType === 'Update' && isRollback(event);
  return isStuck ? ` Before you deploy, finish the rollback: cdk rollback ${stackOf(event)}` : '';
}

function stackOf({ StackId }: ResourceEvent): string | undefined {
  return StackId.split('/')[1];
}

/** The framework shows the stack of what was thrown, and CloudFormation drops an answer over 4096 bytes. */
function oneLine(reason: string): Error {
  const error = new Error(reason.slice(0, 1000));
  error.stack = error.message;
  return error;
}
