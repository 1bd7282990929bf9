import type { LambdaService } from '../aws/lambda/lambda-service.ts';
import type { Invocation } from '../aws/lambda/revision.ts';
import type { Clock } from '../clock.ts';

/** Milliseconds before each retry of an asynchronous invocation. There are no further retries. */
const RETRY_DELAYS = [60_000, 120_000];

/**
 * Lambda's queue for asynchronous invocations: the sender of an event does not learn its outcome, and
 * an event that ends in a function error is delivered up to two more times.
 */
export class AsyncInvocations {
  private readonly lambda: LambdaService;
  private readonly clock: Clock;
  private readonly failsFast: boolean;
  private readonly closing = new AbortController();
  private readonly inFlight = new Set<Promise<void>>();

  /** @param failsFast tells the sender of a function error at once, instead of delivering the event again */
  constructor(lambda: LambdaService, clock: Clock, failsFast = false) {
    this.lambda = lambda;
    this.clock = clock;
    this.failsFast = failsFast;
  }

  /**
   * Sends an event. Resolves when Lambda has finished with it, which may be long after the function has
   * done its work.
   *
   * @throws the error with which Lambda refuses the invocation, for example of an unknown function;
   *   UnansweredEvent when the function fails and the sender asked to be told
   */
  send(functionArn: string, event: unknown): Promise<void> {
    const delivery = this.deliver(functionArn, event);
    const settled = delivery.catch(() => {}).finally(() => this.inFlight.delete(settled));
    this.inFlight.add(settled);
    return delivery;
  }

  /** Aborted by `close`: no event is delivered after that, so no answer is worth waiting for. */
  get closed(): AbortSignal {
    return this.closing.signal;
  }

  /** Cancels all pending retries, and waits for the invocations in progress. */
  async close(): Promise<void> {
    this.closing.abort(new Error('CloudFormation was closed'));
    await Promise.all(this.inFlight);
  }

  private async deliver(functionArn: string, event: unknown): Promise<void> {
    this.closed.throwIfAborted();
    const invocation = await this.lambda.invoke(functionArn, event);
    let { functionError } = invocation;
    if (functionError && this.failsFast) throw new UnansweredEvent(functionArn, invocation);
    for (const delay of RETRY_DELAYS) {
      if (!functionError) return;
      await this.clock.sleep(delay, this.closed);
      ({ functionError } = await this.lambda.invoke(functionArn, event));
    }
  }
}

/** Thrown when nobody will answer an event, because its function failed and the event is not delivered again. */
export class UnansweredEvent extends Error {
  override name = 'UnansweredEvent';
  /** Whether the function has handled nothing, because its code could not be loaded. */
  readonly isUnhandled: boolean;

  constructor(functionArn: string, { payload, failedToLoad = false }: Invocation) {
    const name = functionArn.split(':').at(-1);
    super(
      `The function ${name} ${failedToLoad ? 'could not be loaded' : 'failed'}, so it will not answer: ${describe(payload)}`,
    );
    this.isUnhandled = failedToLoad;
  }
}

/** Returns the type and message in the payload of a function error. */
function describe(payload: string): string {
  const { errorType, errorMessage } = JSON.parse(payload);
  return `${errorType}: ${errorMessage}`;
}
