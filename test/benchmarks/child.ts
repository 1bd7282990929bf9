import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

/** How long a measured process may run before it counts as hanging. */
const LIMIT_MS = 300_000;

/**
 * The flags that Lambda's bootstrap starts Node with at 256 MiB: a tenth of the memory for the young generation, half of
 * that for a semi-space, and the rest for the old generation.
 *
 * @see `/var/runtime/bootstrap` in the image public.ecr.aws/lambda/nodejs
 */
const LAMBDA_FLAGS = [
  '--expose-gc',
  '--max-http-header-size=81920',
  '--max-semi-space-size=12',
  '--max-old-space-size=231',
];

export interface ChildRun {
  /** Path of the program: JavaScript, because tsx would be measured too. */
  readonly program: string;
  readonly args: readonly string[];
  /** All of its environment; nothing is inherited. */
  readonly environment: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** The measured code failed. */
export class MeasuredCodeError extends Error {
  constructor(name: string, reason: string, stderr: string) {
    super(`${name}: ${reason}\n${stderr}`.trimEnd());
    this.name = 'MeasuredCodeError';
  }
}

/**
 * Runs a program in the Node that runs the bench, with Lambda's flags, and returns the JSON that it writes to file
 * descriptor 3.
 *
 * @param name of what is measured, for errors
 * @throws MeasuredCodeError with what the program wrote to stderr
 */
export async function runInChild<T>(
  name: string,
  { program, args, environment, signal }: ChildRun,
): Promise<{ result: T; stderr: string }> {
  signal.throwIfAborted();
  const child = spawn(process.execPath, [...LAMBDA_FLAGS, program, ...args], {
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
    signal,
  });
  const [[code, killedBy], stderr, output] = await Promise.all([
    once(child, 'close'),
    text(child.stderr as Readable),
    text(child.stdio[3] as Readable),
  ]);
  if (code !== 0) throw new MeasuredCodeError(name, `ended with ${code ?? killedBy}`, stderr);
  if (output === '') throw new MeasuredCodeError(name, 'ended before it was measured', stderr);
  return { result: JSON.parse(output), stderr };
}
