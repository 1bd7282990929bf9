import { randomBytes, randomUUID } from 'node:crypto';
import type { FunctionConfiguration } from './configuration.ts';
import type { ExecutionEnvironment } from './execution-environment.ts';

/** As the AWS API answers an invocation. */
export interface Invocation {
  readonly functionError?: 'Handled' | 'Unhandled';
  /** JSON. */
  readonly payload: string;
  readonly durationMs: number;
}

/** Starts a process of the function that logs to the given stream. */
export type StartInstance = (logStream: string) => Promise<ExecutionEnvironment>;

/** A function as it was last configured, with the processes that run it. */
export class FunctionRevision {
  readonly configuration: FunctionConfiguration;
  private readonly start: StartInstance;
  private readonly instances = new Set<ExecutionEnvironment>();
  private readonly idle: ExecutionEnvironment[] = [];
  private readonly busy = new Set<ExecutionEnvironment>();
  private readonly running = new Set<Promise<unknown>>();
  private retired = false;
  private killed = false;

  constructor(configuration: FunctionConfiguration, start: StartInstance) {
    this.configuration = configuration;
    this.start = start;
  }

  /** Runs one event in a process that is free, or in a new one. */
  async invoke(payload: string): Promise<Invocation> {
    const invocation = this.run(payload);
    this.running.add(invocation);
    return invocation.finally(() => this.running.delete(invocation));
  }

  /** Resolves when no invocation is under way. */
  async quiet(): Promise<void> {
    await Promise.allSettled(this.running);
  }

  /** Lets invocations finish, and ends each process when it has nothing more to do. */
  async retire(): Promise<void> {
    this.retired = true;
    await Promise.all(this.idle.splice(0).map((instance) => instance.end()));
    await Promise.allSettled(this.running);
  }

  /** Ends every process at once; invocations fail. */
  async kill(): Promise<void> {
    this.retired = true;
    this.killed = true;
    await Promise.all([...this.instances].map((instance) => instance.end()));
    await Promise.allSettled(this.running);
  }

  /** Kills a process in the middle of an invocation. @returns whether there was one */
  killOne(): boolean {
    const [instance] = this.busy;
    void instance?.end();
    return instance !== undefined;
  }

  private async run(payload: string): Promise<Invocation> {
    const started = performance.now();
    const instance = this.takeIdle() ?? (await this.startInstance());
    this.busy.add(instance);
    const outcome = await instance.invoke(randomUUID(), payload);
    this.busy.delete(instance);
    if (this.retired) await instance.end();
    else if (instance.alive) this.idle.push(instance);
    return { ...outcome, durationMs: performance.now() - started };
  }

  private takeIdle(): ExecutionEnvironment | undefined {
    // One may have crashed since, by something its last invocation left running.
    while (this.idle.length > 0) {
      const instance = this.idle.pop();
      if (instance?.alive) return instance;
    }
    return undefined;
  }

  private async startInstance(): Promise<ExecutionEnvironment> {
    const day = new Date().toISOString().slice(0, 10).replaceAll('-', '/');
    const instance = await this.start(`${day}/[$LATEST]${randomBytes(16).toString('hex')}`);
    this.instances.add(instance);
    void instance.ended.then(() => this.instances.delete(instance));
    if (this.killed) await instance.end();
    return instance;
  }
}
