import type { LambdaService } from '../aws/lambda/lambda-service.ts';
import type { Clock } from '../clock.ts';

/** How long Lambda waits before it tries an asynchronous invocation again, and so how often. */
const RETRY_DELAYS = [60_000, 120_000];

/**
 * Lambda's queue for asynchronous invocations: whoever sends an event does not learn what became of
 * it, and an event that ends in a function error is delivered twice more.
 */
export class AsyncInvocations {
  private readonly lambda: LambdaService;
  private readonly clock: Clock;
  private readonly closing = new AbortController();
  private readonly inFlight = new Set<Promise<void>>();

  constructor(lambda: LambdaService, clock: Clock) {
    this.lambda = lambda;
    this.clock = clock;
  }

  /**
   * Resolves when Lambda is done with the event, which may be long after it has done its work.
   *
   * @throws what Lambda refuses the very first invocation with, such as an unknown function.
   */
  send(functionArn: string, event: unknown): Promise<void> {
    const delivery = this.deliver(functionArn, event);
    const settled = delivery.catch(() => {}).finally(() => this.inFlight.delete(settled));
    this.inFlight.add(settled);
    return delivery;
  }

  /** Aborted by `close`: no event is delivered any more, and no answer is worth waiting for. */
  get closed(): AbortSignal {
    return this.closing.signal;
  }

  /** Gives up every retry that is still to come, and waits for the invocations under way. */
  async close(): Promise<void> {
    this.closing.abort(new Error('CloudFormation was closed'));
    await Promise.all(this.inFlight);
  }

  private async deliver(functionArn: string, event: unknown): Promise<void> {
    this.closed.throwIfAborted();
    let { functionError } = await this.lambda.invoke(functionArn, event);
    for (const delay of RETRY_DELAYS) {
      if (!functionError) return;
      await this.clock.sleep(delay, this.closed);
      ({ functionError } = await this.lambda.invoke(functionArn, event));
    }
  }
}
