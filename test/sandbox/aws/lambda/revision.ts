import { randomBytes, randomUUID } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import type { FunctionConfiguration } from './configuration.ts';
import type { ExecutionEnvironment } from './execution-environment.ts';

/** The result of an invocation, as the AWS API returns it. */
export interface CompletedInvocation {
  readonly functionError?: 'Handled' | 'Unhandled';
  /** Whether the handler was not called, because its code could not be loaded. AWS does not tell. */
  readonly failedToLoad?: boolean;
  /** JSON. */
  readonly payload: string;
  readonly durationMs: number;
  readonly coldStartMs?: number | undefined;
  readonly usedMb?: number | undefined;
}

/** What happens to an invocation. A line may come after its end, from work that it has left behind. */
export type InvocationEvent = { readonly requestId: string } & (
  | {
      readonly kind: 'started';
      readonly configuration: FunctionConfiguration;
      /** By the clock. */
      readonly at: number;
      /** Port of the local network that only this function's process uses. */
      readonly networkPort: number;
      /** JSON. */
      readonly event: string;
    }
  | { readonly kind: 'logged'; readonly line: string }
  | { readonly kind: 'ended'; readonly outcome: CompletedInvocation }
);

/** Starts an execution environment of the function that logs to the given stream. */
export type StartInstance = (logStream: string) => Promise<ExecutionEnvironment>;

/** One configuration of a function, with the execution environments that run it. */
export class FunctionRevision {
  readonly configuration: FunctionConfiguration;
  private readonly start: StartInstance;
  private readonly clock: Clock;
  private readonly report: (event: InvocationEvent) => void;
  private readonly instances = new Set<ExecutionEnvironment>();
  private readonly idle: ExecutionEnvironment[] = [];
  private readonly busy = new Set<ExecutionEnvironment>();
  private readonly running = new Set<Promise<unknown>>();
  private retired = false;
  private killed = false;

  constructor(
    configuration: FunctionConfiguration,
    options: {
      start: StartInstance;
      clock: Clock;
      report: (event: InvocationEvent) => void;
    },
  ) {
    this.configuration = configuration;
    this.start = options.start;
    this.clock = options.clock;
    this.report = options.report;
  }

  /** Handles one event in an idle execution environment, or in a new one. */
  async invoke(payload: string): Promise<CompletedInvocation> {
    const invocation = this.run(payload);
    this.running.add(invocation);
    return invocation.finally(() => this.running.delete(invocation));
  }

  /** Resolves when no invocation is in progress. */
  async quiet(): Promise<void> {
    await Promise.allSettled(this.running);
  }

  /** Lets running invocations finish, and ends each execution environment when it becomes idle. */
  async retire(): Promise<void> {
    this.retired = true;
    await Promise.all(this.idle.splice(0).map((instance) => instance.end()));
    await Promise.allSettled(this.running);
  }

  /** Ends every execution environment immediately. Running invocations fail. */
  async kill(): Promise<void> {
    this.retired = true;
    this.killed = true;
    await Promise.all([...this.instances].map((instance) => instance.end()));
    await Promise.allSettled(this.running);
  }

  /** Kills one execution environment during an invocation. @returns whether there was one */
  killOne(): boolean {
    const [instance] = this.busy;
    void instance?.end();
    return instance !== undefined;
  }

  private async run(payload: string): Promise<CompletedInvocation> {
    const started = performance.now();
    const at = this.clock.now();
    const requestId = randomUUID();
    const instance = this.takeIdle() ?? (await this.startInstance());
    this.busy.add(instance);
    const { configuration } = this;
    const { networkPort } = instance;
    this.report({ kind: 'started', requestId, configuration, at, networkPort, event: payload });
    const outcome = await instance.invoke(requestId, payload);
    const invocation = { ...outcome, durationMs: performance.now() - started };
    this.report({ kind: 'ended', requestId, outcome: invocation });
    this.busy.delete(instance);
    if (this.retired) await instance.end();
    else if (instance.alive) this.idle.push(instance);
    return invocation;
  }

  private takeIdle(): ExecutionEnvironment | undefined {
    // An idle one may have crashed because of something that its last invocation left running.
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
