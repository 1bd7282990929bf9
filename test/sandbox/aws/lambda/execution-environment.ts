import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { systemClock, type WallClock } from '../../clock.ts';
import type { Watchdog } from '../../watchdog.ts';
import { Output } from './output.ts';
import { signalGroup } from './process-group.ts';
import { type Report, RuntimeApi } from './runtime-api.ts';

export interface InvocationOutcome {
  readonly functionError?: 'Unhandled';
  /** Whether the process did not ask for the event, because its code could not be loaded. */
  readonly failedToLoad?: boolean;
  /** JSON. */
  readonly payload: string;
}

export interface ExecutionEnvironmentOptions {
  /** Path of the built runtime client. */
  readonly bootstrap: string;
  readonly codeDirectory: string;
  readonly environment: (runtimeApi: string) => Record<string, string>;
  readonly functionArn: string;
  /** Seconds, measured by `clock`. */
  readonly timeout: number;
  readonly clock: WallClock;
  readonly watchdog: Watchdog;
  readonly log: (line: string) => void;
  /** Called with the work that is in progress when the process asks for the next event. */
  readonly onWorkLeft: (work: readonly string[]) => void;
}

type Moment =
  | { kind: 'ready' }
  | { kind: 'report'; report: Report }
  | { kind: 'exit'; reason: string }
  | { kind: 'late' };

/** Lambda's limit for loading the code, in real time: no clock makes the processor faster. */
const INIT_SECONDS = 10;
/** How long the output may stay open after the process has ended. */
const OUTPUT_GRACE_MS = 2000;
/** The largest response in bytes, as Lambda's error message states it. */
const RESPONSE_LIMIT = 6_291_556;

/**
 * One execution environment of a function: a process that handles one invocation at a time, and may
 * handle many in sequence. Between them it is frozen: what it has not finished continues with the next
 * event, or never. Windows cannot freeze a process, so it runs on there.
 */
export class ExecutionEnvironment {
  private readonly options: ExecutionEnvironmentOptions;
  private readonly api: RuntimeApi;
  private readonly child: ChildProcess;
  private readonly outputs: Output[];
  /** Resolves when the process has exited and all its output is logged. */
  readonly ended: Promise<void>;
  alive = true;

  /** Whether an invocation waits for the process to ask for its event. */
  private hasEvent = false;
  /** Events of the process that have not been handled yet. */
  private readonly moments: Moment[] = [];
  private onMoment?: () => void;

  static async start(options: ExecutionEnvironmentOptions): Promise<ExecutionEnvironment> {
    return new ExecutionEnvironment(options, await RuntimeApi.open());
  }

  private constructor(options: ExecutionEnvironmentOptions, api: RuntimeApi) {
    this.options = options;
    this.api = api;
    this.child = spawn(process.execPath, [options.bootstrap], {
      cwd: options.codeDirectory,
      env: options.environment(api.address),
      stdio: ['ignore', 'pipe', 'pipe'],
      // The child has its own process group, so that Ctrl-C reaches only this process, which still
      // needs its functions to clean up.
      detached: true,
    });
    const pid = Number(this.child.pid);
    options.watchdog.watch(pid);
    const { stdout, stderr } = this.child as { stdout: Readable; stderr: Readable };
    this.outputs = [new Output(stdout, options.log), new Output(stderr, options.log)];
    api.on('ready', (work) => {
      if (!this.hasEvent && process.platform !== 'win32') signalGroup(pid, 'SIGSTOP');
      if (work.length > 0) options.onWorkLeft(work);
      this.happened({ kind: 'ready' });
    });
    api.on('report', (report) => this.happened({ kind: 'report', report }));
    let closing: NodeJS.Timeout;
    this.child.on('exit', () => {
      this.alive = false;
      // Processes that it started would live on and keep its output open.
      signalGroup(pid, 'SIGKILL');
      options.watchdog.forget(pid);
      // One that has left the group is out of reach, and may hold the output for as long as it lives.
      closing = setTimeout(() => {
        stdout.destroy();
        stderr.destroy();
      }, OUTPUT_GRACE_MS);
    });
    this.ended = new Promise((resolve) => {
      this.child.on('close', (status, signal) => {
        clearTimeout(closing);
        this.happened({ kind: 'exit', reason: exitReason(status, signal) });
        resolve(api.close());
      });
    });
  }

  /**
   * Handles one event (JSON) to completion. After a failure, the process stays alive only if that was
   * an ordinary error.
   */
  async invoke(requestId: string, payload: string): Promise<InvocationOutcome> {
    this.hasEvent = true;
    if (this.alive) signalGroup(Number(this.child.pid), 'SIGCONT');
    const init = await this.nextMoment(INIT_SECONDS, systemClock);
    this.hasEvent = false;
    if (init.kind !== 'ready') {
      return { ...(await this.failure(requestId, init, INIT_SECONDS)), failedToLoad: true };
    }
    const { functionArn, timeout, clock } = this.options;
    this.api.give({ requestId, deadline: clock.now() + timeout * 1000, functionArn, payload });
    const moment = (await this.nextMoment(timeout, clock)) as Exclude<Moment, { kind: 'ready' }>;
    if (moment.kind !== 'report') return this.failure(requestId, moment, timeout);
    await Promise.all(this.outputs.map((output) => output.ended()));
    const { kind, body } = moment.report;
    if (kind === 'error') return { functionError: 'Unhandled', payload: body };
    if (Buffer.byteLength(body) > RESPONSE_LIMIT) {
      return unhandled(
        'Function.ResponseSizeTooLarge',
        `Response payload size exceeded maximum allowed payload size (${RESPONSE_LIMIT} bytes).`,
      );
    }
    return { payload: body };
  }

  /** Kills the process and all processes that it started. */
  async end(): Promise<void> {
    if (this.alive) signalGroup(Number(this.child.pid), 'SIGKILL');
    await this.ended;
  }

  private async failure(
    requestId: string,
    moment: Exclude<Moment, { kind: 'ready' }>,
    seconds: number,
  ): Promise<InvocationOutcome> {
    await this.end();
    if (moment.kind === 'late') {
      const message = `Task timed out after ${seconds.toFixed(2)} seconds`;
      this.options.log(`${new Date().toISOString()} ${requestId} ${message}`);
      return unhandled('Sandbox.Timedout', `RequestId: ${requestId} Error: ${message}`);
    }
    if (moment.kind === 'report')
      return { functionError: 'Unhandled', payload: moment.report.body };
    const message = `RequestId: ${requestId} Error: ${moment.reason}`;
    this.options.log(`${message}\nRuntime.ExitError`);
    return unhandled('Runtime.ExitError', message);
  }

  private happened(moment: Moment): void {
    this.moments.push(moment);
    this.onMoment?.();
  }

  private async nextMoment(seconds: number, clock: WallClock): Promise<Moment> {
    if (this.moments.length === 0) {
      const happened = new AbortController();
      this.onMoment = () => happened.abort();
      await clock.sleep(seconds * 1000, happened.signal).catch(() => {});
      this.onMoment = undefined;
    }
    return this.moments.shift() ?? { kind: 'late' };
  }
}

function exitReason(status: number | null, signal: string | null): string {
  if (signal) {
    return `Runtime exited with error: signal: ${signal === 'SIGKILL' ? 'killed' : signal}`;
  }
  if (status === 0) return 'Runtime exited without providing a reason';
  return `Runtime exited with error: exit status ${status}`;
}

function unhandled(errorType: string, errorMessage: string): InvocationOutcome {
  return { functionError: 'Unhandled', payload: JSON.stringify({ errorType, errorMessage }) };
}
