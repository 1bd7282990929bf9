import { DeploymentError } from '../deploy-failure.ts';
import { POLICY_SETTLES_MS } from '../retry/policy.ts';
import { type RetryDecision, type RetryOptions, retry } from '../retry/retry.ts';
import type { invoke } from './invoke.ts';

export interface ReadinessContext extends Omit<RetryOptions, 'policy'> {
  readonly invoke: typeof invoke;
}

/** Nothing here waits for a name or a certificate. */
const FAR_SIDE_MS = 60_000;
/** A bot that crashes as it loads never settles, and one that was just updated may. */
const CRASHING_MS = 10_000;

/** No updates at all: a bot that loads has nothing to do, and says so. */
const EMPTY_BATCH = { Records: [] };

/**
 * Proves that the bot behind the queue loads and answers. The probe cannot: the front answers it as soon
 * as the queue has it, and a bot that crashes would be found out by its users. Nor may it wait for the
 * probe: a front that takes a direct bot's place is reached by Telegram at once.
 *
 * @throws DeployFailure that names the cause and the cure
 */
export async function checkReadiness(
  functionArn: string,
  context: ReadinessContext,
): Promise<void> {
  const deadline = Math.min(context.deadline, context.clock.now() + FAR_SIDE_MS);
  try {
    await retry(() => handOverNothing(functionArn, context.invoke), {
      ...context,
      deadline,
      policy: policy,
    });
  } catch (error) {
    throw new DeploymentError(explanation(error as Error));
  }
}

/** The function ran, and what came of it is not what a bot answers. */
class NotReadyError extends Error {
  readonly errorType: string | undefined;

  constructor(errorType?: string) {
    super('the bot does not answer an empty batch');
    this.name = 'Broken';
    this.errorType = errorType;
  }
}

async function handOverNothing(functionArn: string, call: typeof invoke): Promise<void> {
  const { errorType, answer } = await call(functionArn, EMPTY_BATCH);
  const { batchItemFailures } = (answer ?? {}) as { batchItemFailures?: unknown };
  if (!Array.isArray(batchItemFailures)) throw new NotReadyError(errorType);
}

function policy(error: unknown): RetryDecision {
  if (error instanceof NotReadyError) return error.errorType ? { limitMs: CRASHING_MS } : 'stop';
  const { name } = error as Error;
  if (name === 'ResourceNotFoundException') return 'stop';
  return isDenied(name) ? { limitMs: POLICY_SETTLES_MS } : {};
}

function explanation(error: Error): string {
  const standing = 'Telegram was not told of it: a former webhook still stands.';
  if (error instanceof NotReadyError) {
    const happened = error.errorType
      ? `crashes as it loads, or times out (${plain(error.errorType)})`
      : 'does not answer a batch as `receive` does: export `handler = receive(onUpdate)`';
    return (
      `The bot behind the queue ${happened}. \`npm start -- --delivery queued\` shows a crash; ` +
      `\`cdk deploy --no-rollback\` keeps the log group of the bot, which says the rest. ${standing}`
    );
  }
  if (isDenied(error.name)) {
    return `The registrar may not invoke the bot behind the queue (${plain(error.name)}). See that no policy of the account denies lambda:InvokeFunction, and deploy again. ${standing}`;
  }
  return `The bot behind the queue could not be invoked (${plain(error.name)}). Deploy again in some minutes. ${standing}`;
}

function isDenied(name: string): boolean {
  return name === 'AccessDeniedException';
}

/** A name, and nothing that a bot could have put there by accident. */
function plain(name: string): string {
  return /^[\w.]{1,80}$/.test(name) ? name : 'an error';
}
