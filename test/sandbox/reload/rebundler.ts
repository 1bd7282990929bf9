import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { BundleMetadata } from './bundles.ts';

export type Rebundled =
  | { readonly sources: readonly string[]; readonly warnings: string }
  /** For a person. */
  | { readonly error: string };

/** The kit's program that bundles functions, kept running because it starts ten times slower than it bundles. */
export class Rebundler {
  private readonly program: string;
  private child?: ChildProcess;
  private readonly waiting = new Map<number, (result: Rebundled) => void>();
  private requests = 0;
  private isClosed = false;

  constructor(program: string) {
    this.program = program;
  }

  /** Starts the program, unless it runs. */
  start(): ChildProcess {
    if (this.child) return this.child;
    const child = fork(this.program, {
      execArgv: ['--import', import.meta.resolve('tsx')],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let printed = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    child.on('message', ({ id, ...result }: { id: number } & Rebundled) => {
      this.waiting.get(id)?.(result);
      this.waiting.delete(id);
    });
    child.once('exit', () => {
      this.child = undefined;
      for (const settle of this.waiting.values()) {
        settle({ error: printed.trim() || 'The bundler has ended' });
      }
      this.waiting.clear();
    });
    this.child = child;
    return child;
  }

  /** Bundles a function to a directory. */
  rebundle({ entry, bundling }: BundleMetadata, directory: string): Promise<Rebundled> {
    if (this.isClosed) return Promise.resolve({ error: 'The sandbox is closing' });
    const id = ++this.requests;
    return new Promise((resolve) => {
      this.waiting.set(id, resolve);
      this.start().send({ id, entry, bundling, directory });
    });
  }

  async close(): Promise<void> {
    this.isClosed = true;
    const { child } = this;
    if (!child) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }
}
