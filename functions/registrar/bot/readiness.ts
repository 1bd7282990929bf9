import type { ReadinessProperties } from '../../contract.ts';
import { DeploymentError } from '../errors.ts';
import { type Create, requireStrings, type Update } from '../event.ts';
import { type RetryDecision, type RetryOptions, retry } from '../retry/retry.ts';
import {
  BOT_CRASHING_MS,
  INVOKE_TIMEOUT_MS,
  POLICY_PROPAGATION_MS,
  READINESS_MS,
} from '../retry/time-budget.ts';

export interface ReadinessContext extends Omit<RetryOptions, 'policy'> {
  readonly invoke: typeof invoke;
}

/**
 * Parses the properties of a readiness check.
 *
 * @throws DeploymentError when a property is missing, which no template of the kit causes
 */
export function parseReadinessProperties(event: Create | Update): { readonly functionArn: string } {
  const { BotFunction } = requireStrings(event, [
    'BotFunction',
  ] satisfies (keyof ReadinessProperties)[]);
  return { functionArn: BotFunction };
}

/** A batch without updates: a bot that loads has nothing to do, and responds. */
const EMPTY_BATCH = { Records: [] };

/**
 * Checks that the bot behind the queue loads and responds. The probe cannot find out, because the ingress
 * acknowledges it as soon as it is queued: without this check, users would be the first to notice a bot that
 * crashes on load. It must run before the probe, because an ingress that replaces a direct bot receives
 * Telegram's updates as soon as it is deployed.
 *
 * @throws DeploymentError that names the cause and the fix
 */
export async function checkReadiness(
  functionArn: string,
  context: ReadinessContext,
): Promise<void> {
  const deadline = Math.min(context.deadline, context.clock.now() + READINESS_MS);
  try {
    await retry(() => sendEmptyBatch(functionArn, context.invoke), {
      ...context,
      deadline,
      policy,
    });
  } catch (error) {
    throw new DeploymentError(explanation(error as Error));
  }
}

/** The function ran, and did not respond as a bot does. */
class NotReadyError extends Error {
  readonly errorType: string | undefined;

  constructor(errorType?: string) {
    super('the bot does not answer an empty batch');
    this.name = 'NotReadyError';
    this.errorType = errorType;
  }
}

async function sendEmptyBatch(functionArn: string, call: typeof invoke): Promise<void> {
  const { errorType, payload } = await call(functionArn, EMPTY_BATCH);
  const { batchItemFailures } = (payload ?? {}) as { batchItemFailures?: unknown };
  if (!Array.isArray(batchItemFailures)) throw new NotReadyError(errorType);
}

function policy(error: unknown): RetryDecision {
  if (error instanceof NotReadyError) {
    return error.errorType ? { limitMs: BOT_CRASHING_MS } : 'stop';
  }
  const { name } = error as Error;
  if (name === 'ResourceNotFoundException') return 'stop';
  return isDenied(name) ? { limitMs: POLICY_PROPAGATION_MS } : {};
}

function explanation(error: Error): string {
  const unchanged = 'The webhook was left unchanged.';
  if (error instanceof NotReadyError) {
    const problem = error.errorType
      ? `crashes on load, or times out (${plain(error.errorType)})`
      : 'does not answer a batch as `receive` does: export `handler = receive(onUpdate)`';
    return (
      `The bot behind the queue ${problem}. Run \`npm start -- --delivery queued\` to see a crash; ` +
      `\`cdk deploy --no-rollback\` keeps the log group of the bot. ${unchanged}`
    );
  }
  if (isDenied(error.name)) {
    return `The registrar may not invoke the bot behind the queue (${plain(error.name)}). Make sure that no policy of the account denies lambda:InvokeFunction, and deploy again. ${unchanged}`;
  }
  return `The bot behind the queue could not be invoked (${plain(error.name)}). Deploy again in a few minutes. ${unchanged}`;
}

function isDenied(name: string): boolean {
  return name === 'AccessDeniedException';
}

/** Returns an error's name if it is a plain one, and nothing that a bot could have put there by accident. */
function plain(name: string): string {
  return /^[\w.]{1,80}$/.test(name) ? name : 'an error';
}

/** The result of invoking a function. */
export interface InvocationResult {
  /**
   * Lambda's name for the function's error, such as `Runtime.ExitError`; `NoAnswer` when it did not respond in
   * time; undefined when it succeeded.
   */
  readonly errorType?: string;
  /** What the function returned. */
  readonly payload?: unknown;
}

/**
 * Invokes a function and waits for its response.
 *
 * @throws what the AWS SDK throws, with its `name` and `$metadata`
 */
export async function invoke(functionArn: string, event: object): Promise<InvocationResult> {
  // Loaded here, because only stacks with a queue invoke a bot.
  const { InvokeCommand, LambdaClient } = await import('@aws-sdk/client-lambda');
  const client = new LambdaClient({ maxAttempts: 1 });
  const abortSignal = AbortSignal.timeout(INVOKE_TIMEOUT_MS);
  try {
    const { FunctionError, Payload } = await client.send(
      new InvokeCommand({ FunctionName: functionArn, Payload: JSON.stringify(event) }),
      { abortSignal },
    );
    const payload: unknown = JSON.parse(Payload?.transformToString() || 'null');
    if (!FunctionError) return { payload };
    const { errorType = FunctionError } = (payload ?? {}) as { errorType?: string };
    return { errorType };
  } catch (error) {
    if (abortSignal.aborted) return { errorType: 'NoAnswer' };
    throw error;
  } finally {
    client.destroy();
  }
}
