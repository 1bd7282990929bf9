import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { buildChildModule } from './network/child-module.ts';

/**
 * A process that outlives this one, if only for a moment: when this process ends without `close`, even by
 * SIGKILL, it kills the functions and removes the sandbox's files. The functions cannot do that themselves,
 * because a frozen process does not notice anything.
 */
export class Watchdog {
  private readonly child: ChildProcess;
  private readonly input: Writable;

  /** @param directory is the sandbox's own, and is removed with everything in it */
  static async start(directory: string): Promise<Watchdog> {
    const module = join(directory, 'watchdog.cjs');
    await buildChildModule(new URL('watchdog-process.ts', import.meta.url), module, 'cjs');
    return new Watchdog(module, directory);
  }

  private constructor(module: string, directory: string) {
    this.child = spawn(process.execPath, [module, directory], {
      env: {},
      stdio: ['pipe', 'ignore', 'ignore'],
      // Ctrl-C reaches all processes of the terminal's group.
      detached: true,
    });
    this.input = this.child.stdin as Writable;
    // Another program has killed the watchdog. The sandbox works without it, and cleans up when it is closed.
    this.input.on('error', () => {});
    this.child.on('error', () => {});
    this.child.unref();
    (this.child.stdin as unknown as { unref(): void }).unref();
  }

  /** Adds a process, which leads a group of its own. */
  watch(pid: number): void {
    this.input.write(`+${pid}\n`);
  }

  /** Removes a process that has exited, because another one may get its id. */
  forget(pid: number): void {
    this.input.write(`-${pid}\n`);
  }

  /** Ends the watchdog, which then kills and removes nothing. */
  async close(): Promise<void> {
    const { child } = this;
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.ref();
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }
}
