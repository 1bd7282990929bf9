/** The steps of a smoke test. Each throws if it fails. */
export interface SmokeSteps {
  deploy(signal: AbortSignal): Promise<void>;
  /** Fails unless the bot is healthy. */
  status(signal: AbortSignal): Promise<void>;
  /** Not interruptible. */
  destroy(): Promise<void>;
  /** Returns what exists although everything was destroyed, as ends of sentences: `the stack …`. */
  leftovers(): Promise<string[]>;
}

/**
 * Deploys, looks, deploys again, looks again, and destroys, also after a failure and after an interruption; then looks
 * for what is left.
 *
 * @returns the failures, each a sentence; none if everything went well
 */
export async function smoke(
  { deploy, status, destroy, leftovers }: SmokeSteps,
  { signal, print }: { signal: AbortSignal; print: (line: string) => void },
): Promise<string[]> {
  const failures: string[] = [];
  const attempt = async (name: string, step: () => Promise<void>): Promise<boolean> => {
    print(`${name} …`);
    return step().then(
      () => true,
      (error: Error) => {
        failures.push(`${name} failed: ${error.message}`);
        return false;
      },
    );
  };
  const steps = [
    ['The first deploy', deploy],
    ['The status', status],
    ['The second deploy', deploy],
    ['The status after it', status],
  ] as const;
  for (const [name, step] of steps) {
    if (signal.aborted || !(await attempt(name, () => step(signal)))) break;
  }
  if (signal.aborted) failures.splice(0, failures.length, 'It was interrupted.');
  // A second attempt, because the first one may have met a stack that was still busy.
  const isDestroyed =
    (await attempt('The destroy', destroy)) || (await attempt('The second destroy', destroy));
  const left = await leftovers().catch((error: Error) => [
    `something that could not be looked for: ${error.message}`,
  ]);
  if (isDestroyed && left.length === 0) print('Nothing is left.');
  return [...failures, ...left.map((what) => `There is still ${what}.`)];
}
