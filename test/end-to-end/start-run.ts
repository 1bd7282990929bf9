import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

export interface StartRun {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Files and folders that remain in the temporary directory. */
  readonly left: readonly string[];
}

const app = 'node --import tsx test/end-to-end/start-app.ts';

/** Runs what `npm start` runs, with `input` on standard input. */
export async function runStart(
  input: string,
  {
    args = [],
    project,
    during,
  }: { args?: string[]; project?: string; during?: (child: ChildProcess) => unknown } = {},
): Promise<StartRun> {
  const directory = temporaryDirectory();
  const child = spawnStart(directory, args, project);
  const output = Promise.all([text(child.stdout), text(child.stderr)]);
  child.stdin.end(input);
  await during?.(child);
  const [exitCode] = await once(child, 'exit');
  const [stdout, stderr] = await output;
  return { exitCode, stdout, stderr, left: leftIn(directory) };
}

/**
 * Creates a temporary directory for one run. All runs share the files that tsx has compiled, because that takes about
 * a fifth of a run.
 */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'start-'));
  const userId = process.geteuid?.();
  if (userId === undefined) return directory;
  const compiled = join(tmpdir(), `tsx-${userId}`);
  mkdirSync(compiled, { recursive: true });
  symlinkSync(compiled, join(directory, `tsx-${userId}`));
  return directory;
}

/**
 * Starts it with a temporary directory of its own.
 *
 * @param project is the directory of the kit, or of a copy
 */
export function spawnStart(
  directory: string,
  args: readonly string[] = [],
  project = fileURLToPath(new URL('../..', import.meta.url)),
  environment: NodeJS.ProcessEnv = {},
) {
  const [node = '', ...words] = startCommand(args);
  const env = { ...process.env, ...environment, TMPDIR: directory };
  return spawn(node, words, { cwd: project, env });
}

/** Returns the words of the command that `npm start` runs, with the app of the tests. */
export function startCommand(args: readonly string[]): string[] {
  return [process.execPath, '--import', 'tsx', 'test/sandbox/start.ts', '--app', app, ...args];
}

export function leftIn(directory: string): string[] {
  // tsx keeps its own cache of compiled files there.
  return readdirSync(directory).filter((name) => !name.startsWith('tsx-'));
}

/** Resolves when the child has printed the text, on either output. */
export async function prints(child: ChildProcess, expected: string): Promise<void> {
  let printed = '';
  await new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => {
        printed += chunk;
        if (printed.includes(expected)) resolve();
      });
    }
  });
}
