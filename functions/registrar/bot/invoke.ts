/** What came back from a function. */
export interface InvocationResult {
  /**
   * Lambda's name for what went wrong in it: `Runtime.ExitError`; `NoAnswer` when none came in time; undefined
   * when nothing did.
   */
  readonly errorType?: string;
  /** What it returned. */
  readonly answer?: unknown;
}

/** Longer than a cold start may take; a function that loads answers an empty batch within a second. */
export const INVOKE_TIMEOUT_MS = 20_000;

/**
 * Invokes a function and waits for its answer.
 *
 * @throws what the AWS SDK throws, with its `name` and `$metadata`
 */
export async function invoke(functionArn: string, event: object): Promise<InvocationResult> {
  // Only bots behind a queue are invoked.
  const { InvokeCommand, LambdaClient } = await import('@aws-sdk/client-lambda');
  const client = new LambdaClient({ maxAttempts: 1 });
  const abortSignal = AbortSignal.timeout(INVOKE_TIMEOUT_MS);
  try {
    const { FunctionError, Payload } = await client.send(
      new InvokeCommand({ FunctionName: functionArn, Payload: JSON.stringify(event) }),
      { abortSignal },
    );
    const answer: unknown = JSON.parse(Payload?.transformToString() || 'null');
    if (!FunctionError) return { answer };
    const { errorType = FunctionError } = (answer ?? {}) as { errorType?: string };
    return { errorType };
  } catch (error) {
    if (abortSignal.aborted) return { errorType: 'NoAnswer' };
    throw error;
  } finally {
    client.destroy();
  }
}
