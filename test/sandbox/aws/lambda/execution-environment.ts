import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { systemClock, type WallClock } from '../../clock.ts';
import type { CallerPort } from '../../network/local-network.ts';
import type { Watchdog } from '../../watchdog.ts';
import { Output } from './output.ts';
import { peakMemoryMb } from './peak-memory.ts';
import { signalGroup } from './process-group.ts';
import { type Report, RuntimeApi } from './runtime-api.ts';

export interface InvocationOutcome {
  readonly functionError?: 'Unhandled';
  /** Whether the process did not ask for the event, because its code could not be loaded. */
  readonly failedToLoad?: boolean;
  /** JSON. */
  readonly payload: string;
  /** How long the process took to start and to load the code, by the clock, if it did so for this event. */
  readonly coldStartMs?: number | undefined;
  /** The peak of the process's memory so far, in MiB. Only Linux tells. */
  readonly usedMb?: number | undefined;
}

export interface ExecutionEnvironmentOptions {
  /** Path of the built runtime client. */
  readonly bootstrap: string;
  readonly codeDirectory: string;
  readonly environment: (runtimeApi: string, networkPort: number) => Record<string, string>;
  readonly openPort: () => Promise<CallerPort>;
  readonly functionArn: string;
  /** Seconds, measured by `clock`. */
  readonly timeout: number;
  readonly clock: WallClock;
  readonly watchdog: Watchdog;
  /** Called with each line, and with the invocation that is in progress or was the last one. */
  readonly log: (line: string, requestId: string) => void;
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
  private readonly startedAt: number;
  private readonly child: ChildProcess;
  private readonly outputs: Output[];
  /** Resolves when the process has exited and all its output is logged. */
  readonly ended: Promise<void>;
  alive = true;
  /** Port of the local network that only this process uses. */
  readonly networkPort: number;
  private requestId = '';
  private usedMb: number | undefined;

  /** Whether an invocation waits for the process to ask for its event. */
  private hasEvent = false;
  /** Events of the process that have not been handled yet. */
  private readonly moments: Moment[] = [];
  private onMoment?: () => void;

  static async start(options: ExecutionEnvironmentOptions): Promise<ExecutionEnvironment> {
    return new ExecutionEnvironment(options, await RuntimeApi.open(), await options.openPort());
  }

  private constructor(options: ExecutionEnvironmentOptions, api: RuntimeApi, port: CallerPort) {
    this.options = options;
    this.api = api;
    this.networkPort = port.number;
    this.startedAt = options.clock.now();
    this.child = spawn(process.execPath, [options.bootstrap], {
      cwd: options.codeDirectory,
      env: options.environment(api.address, port.number),
      stdio: ['ignore', 'pipe', 'pipe'],
      // The child has its own process group, so that Ctrl-C reaches only this process, which still
      // needs its functions to clean up.
      detached: true,
    });
    const pid = Number(this.child.pid);
    options.watchdog.watch(pid);
    const { stdout, stderr } = this.child as { stdout: Readable; stderr: Readable };
    this.outputs = [stdout, stderr].map((stream) => new Output(stream, (line) => this.log(line)));
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
        port.close();
        resolve(api.close());
      });
    });
  }

  /**
   * Handles one event (JSON) to completion. After a failure, the process stays alive only if that was
   * an ordinary error.
   */
  async invoke(requestId: string, payload: string): Promise<InvocationOutcome> {
    const isFirst = this.requestId === '';
    this.requestId = requestId;
    let coldStartMs: number | undefined;
    const outcome = await this.run(requestId, payload, () => {
      if (isFirst) coldStartMs = this.options.clock.now() - this.startedAt;
    });
    return { ...outcome, coldStartMs, usedMb: this.usedMb };
  }

  private async run(
    requestId: string,
    payload: string,
    onLoaded: () => void,
  ): Promise<InvocationOutcome> {
    this.hasEvent = true;
    if (this.alive) signalGroup(Number(this.child.pid), 'SIGCONT');
    const init = await this.nextMoment(INIT_SECONDS, systemClock);
    this.hasEvent = false;
    onLoaded();
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
      this.log(`${new Date().toISOString()} ${requestId} ${message}`);
      return unhandled('Sandbox.Timedout', `RequestId: ${requestId} Error: ${message}`);
    }
    if (moment.kind === 'report')
      return { functionError: 'Unhandled', payload: moment.report.body };
    const message = `RequestId: ${requestId} Error: ${moment.reason}`;
    this.log(`${message}\nRuntime.ExitError`);
    return unhandled('Runtime.ExitError', message);
  }

  private log(line: string): void {
    this.options.log(line, this.requestId);
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
    this.usedMb = peakMemoryMb(Number(this.child.pid)) ?? this.usedMb;
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
