import type { Clock } from '../../clock.ts';
import { arnOf } from '../account.ts';
import { ServiceError } from '../service-error.ts';
import type { LambdaService } from './lambda-service.ts';
import type { CompletedInvocation } from './revision.ts';

/** Milliseconds before each retry after a function error. There are no further retries. */
const RETRY_DELAYS = [60_000, 120_000];

/** A function's own settings for asynchronous invocations. */
export interface EventInvokeConfig {
  /** 0 to 2. @default 2 */
  readonly maxRetries?: number;
  /** Seconds, 60 to 21,600. @default 21_600 */
  readonly maxAge?: number;
}

/** A service that sends an event because of one of its resources. */
interface Sender {
  readonly principal: string;
  readonly sourceArn: string;
}

/** The settings of all functions. A function belongs to an account, its events to whoever sends them. */
export class EventInvokeConfigs {
  /** By the ARN of the function. */
  private readonly configs = new Map<string, EventInvokeConfig>();

  create(nameOrArn: string, config: EventInvokeConfig): void {
    const arn = functionArn(nameOrArn);
    if (this.configs.has(arn)) {
      const message = `The function ${arn} already has an EventInvokeConfig`;
      throw new ServiceError('ResourceConflictException', message, 409);
    }
    this.put(arn, config);
  }

  put(nameOrArn: string, config: EventInvokeConfig): void {
    checkBetween('maximumRetryAttempts', config.maxRetries, 0, 2);
    checkBetween('maximumEventAgeInSeconds', config.maxAge, 60, 21_600);
    this.configs.set(functionArn(nameOrArn), config);
  }

  delete(nameOrArn: string): void {
    if (this.configs.delete(functionArn(nameOrArn))) return;
    const message = `The function ${nameOrArn} doesn't have an EventInvokeConfig`;
    throw new ServiceError('ResourceNotFoundException', message, 404);
  }

  of(nameOrArn: string): Required<EventInvokeConfig> {
    const { maxRetries = 2, maxAge = 21_600 } = this.configs.get(functionArn(nameOrArn)) ?? {};
    return { maxRetries, maxAge };
  }
}

/**
 * Lambda's queue for asynchronous invocations: the sender of an event does not learn its outcome, and
 * an event that ends in a function error is delivered up to two more times.
 */
export class AsyncInvocations {
  private readonly lambda: LambdaService;
  private readonly clock: Clock;
  private readonly configs: EventInvokeConfigs;
  private readonly failsFast: boolean;
  private readonly closing = new AbortController();
  private readonly inFlight = new Set<Promise<void>>();

  /** @param failsFast tells the sender of a function error at once, instead of delivering the event again */
  constructor(services: {
    lambda: LambdaService;
    clock: Clock;
    eventInvokeConfigs: EventInvokeConfigs;
    failsFast?: boolean;
  }) {
    this.lambda = services.lambda;
    this.clock = services.clock;
    this.configs = services.eventInvokeConfigs;
    this.failsFast = services.failsFast ?? false;
  }

  /**
   * Sends an event. Resolves when Lambda has finished with it, which may be long after the function has
   * done its work.
   *
   * @param sender is a service that needs a permission of the function
   * @throws the error with which Lambda refuses the invocation, for example of an unknown function;
   *   UnansweredEvent when the function fails and the sender asked to be told
   */
  send(functionArn: string, event: unknown, sender?: Sender): Promise<void> {
    const { lambda } = this;
    const invoke = () =>
      sender
        ? lambda.invokeAs(sender.principal, sender.sourceArn, functionArn, event)
        : lambda.invoke(functionArn, event);
    const delivery = this.deliver(functionArn, invoke);
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
    this.closing.abort(new Error('The sandbox was closed'));
    await Promise.all(this.inFlight);
  }

  private async deliver(
    functionArn: string,
    invoke: () => Promise<CompletedInvocation>,
  ): Promise<void> {
    this.closed.throwIfAborted();
    const sent = this.clock.now();
    const invocation = await invoke();
    let { functionError } = invocation;
    if (functionError && this.failsFast) throw new UnansweredEvent(functionArn, invocation);
    for (const [retries, delay] of RETRY_DELAYS.entries()) {
      const { maxRetries, maxAge } = this.configs.of(functionArn);
      const isTooOld = this.clock.now() + delay > sent + maxAge * 1000;
      if (!functionError || retries >= maxRetries || isTooOld) return;
      await this.clock.sleep(delay, this.closed);
      ({ functionError } = await invoke());
    }
  }
}

/** Thrown when nobody will answer an event, because its function failed and the event is not delivered again. */
export class UnansweredEvent extends Error {
  override name = 'UnansweredEvent';
  /** Whether the function has handled nothing, because its code could not be loaded. */
  readonly isUnhandled: boolean;

  constructor(functionArn: string, { payload, failedToLoad = false }: CompletedInvocation) {
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

function functionArn(nameOrArn: string): string {
  return nameOrArn.startsWith('arn:') ? nameOrArn : arnOf('lambda', `function:${nameOrArn}`);
}

function checkBetween(name: string, value: number | undefined, min: number, max: number): void {
  if (value === undefined || (value >= min && value <= max)) return;
  throw new ServiceError(
    'InvalidParameterValueException',
    `Value '${value}' at '${name}' failed to satisfy constraint: Member must have value between ${min} and ${max}`,
  );
}
