/** How long the loading of a function waits for `tasks`. Lambda ends a load after 10 s. */
const LIMIT_MS = 3000;

/**
 * Runs tasks while a Lambda function loads, and waits until they are done or their time is over, because Lambda gives
 * a function a whole processor while it loads, and only a part of one from then on. Failures are ignored: the caller
 * that needs the result tries again, and reports them.
 *
 * Elsewhere, in a unit test, it does nothing.
 *
 * @param tasks end when the signal is aborted
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
 */
export async function whileLoading(
  ...tasks: readonly ((signal: AbortSignal) => Promise<unknown>)[]
): Promise<void> {
  if (!process.env.AWS_LAMBDA_FUNCTION_NAME) return;
  const signal = AbortSignal.timeout(LIMIT_MS);
  await Promise.allSettled(tasks.map(async (task) => task(signal)));
}
