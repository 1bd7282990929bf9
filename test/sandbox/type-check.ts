import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants, setPriority } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { signalGroup } from './aws/lambda/process-group.ts';
import type { Watchdog } from './watchdog.ts';

export interface TypeFault {
  /** `functions/bot.ts:12:5`, or undefined for an error of the whole program. */
  readonly place: string | undefined;
  /** Its first line. */
  readonly message: string;
}

export interface TypeCheckOptions {
  /** Ends the check. */
  readonly signal: AbortSignal;
  /** A file for what the next check can reuse, which makes it about twice as fast. @default - nothing is kept */
  readonly cache?: string;
  /** Ends the compiler if this process dies. */
  readonly watchdog?: Pick<Watchdog, 'watch' | 'forget'>;
  /** Directory with the tsconfig.json. @default - the project of the sandbox */
  readonly project?: string;
}

const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Runs the project's TypeScript compiler, as `npm run typecheck` does, at the lowest priority. Resolves when its
 * process is gone: with the errors that it found; with none if it was ended, could not run, or is not installed.
 */
export async function checkTypes(options: TypeCheckOptions): Promise<TypeFault[]> {
  const { signal, cache, watchdog, project = projectRoot } = options;
  const compiler = compilerOf(project);
  if (compiler === undefined || signal.aborted) return [];
  const child = spawn(
    process.execPath,
    [
      compiler,
      ...['--noEmit', '--pretty', 'false'],
      ...(cache ? ['--incremental', '--tsBuildInfoFile', cache] : []),
    ],
    {
      cwd: project,
      stdio: ['ignore', 'pipe', 'ignore'],
      // The compiler's launcher may start a process of its own, which has to end with it.
      detached: true,
      windowsHide: true,
    },
  );
  const { pid } = child;
  if (pid === undefined) return ended(child).then(() => []);
  watchdog?.watch(pid);
  yieldProcessor(pid);
  const end = () => signalGroup(pid, 'SIGKILL');
  signal.addEventListener('abort', end);
  const [output] = await Promise.all([text(child.stdout), ended(child)]);
  signal.removeEventListener('abort', end);
  watchdog?.forget(pid);
  return signal.aborted ? [] : faultsIn(output);
}

/** Returns the main file of the project's own compiler, if there is one and something to compile. */
function compilerOf(project: string): string | undefined {
  if (!existsSync(join(project, 'tsconfig.json'))) return undefined;
  try {
    const manifest = createRequire(join(project, 'package.json')).resolve(
      'typescript/package.json',
    );
    return join(dirname(manifest), JSON.parse(readFileSync(manifest, 'utf8')).bin.tsc);
  } catch {
    return undefined;
  }
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  });
}

/** Lets everything else go first. */
function yieldProcessor(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_LOW);
  } catch {
    // It has ended already.
  }
}

/** Reads the compiler's plain output: `file(line,column): error TS2322: message`, with details indented below. */
function faultsIn(output: string): TypeFault[] {
  const pattern = /^(?:(.+)\((\d+),(\d+)\): )?error TS\d+: (.*?)\r?$/gm;
  return [...output.matchAll(pattern)].map(([, file, row, column, message = '']) => ({
    place: file && `${file}:${row}:${column}`,
    message,
  }));
}
