import type { FunctionConfiguration } from '../aws/lambda/configuration.ts';
import type { CompletedInvocation } from '../aws/lambda/lambda.ts';
import { constructName } from '../terminal/construct-name.ts';
import { readLine } from '../terminal/readable-log.ts';
import type { CallRecord } from './call-record.ts';
import type { Invocation, InvocationError, LogLine } from './entries.ts';
import { pushLatest } from './latest.ts';
import type { Scrubber } from './scrubber.ts';
import { excerptOf } from './source-excerpt.ts';

/** How many characters of a line are kept, and of all lines of an invocation. The page gets all of them with every change. */
const MAX_LINE = 10_000;
const MAX_LOG = 100_000;
/** Of how many updates in its batch an invocation keeps the error. */
const MAX_ERRORS = 20;

export interface InvocationOptions {
  readonly requestId: string;
  readonly configuration: FunctionConfiguration;
  readonly at: number;
  /** How many updates it handles. */
  readonly batchSize: number;
  readonly scrubber: Scrubber;
  /** The project's root, for excerpts of its sources. */
  readonly root: string | undefined;
}

/** An invocation of a function while it goes on. */
export class InvocationRecord {
  readonly calls: CallRecord[] = [];
  private readonly options: InvocationOptions;
  private readonly log: LogLine[] = [];
  private logLength = 0;
  /** The first error of each update, and the first one of no update in particular. */
  private readonly errors = new Map<number | undefined, InvocationError>();
  private ended: Partial<Invocation> = {};

  constructor(options: InvocationOptions) {
    this.options = options;
  }

  get at(): number {
    return this.options.at;
  }

  write(at: number, line: string): void {
    const { text, isError, error } = readLine(line);
    this.keep({ at, text: shortened(this.options.scrubber.text(text)), isError });
    if (!error || !isError) return;
    if (this.errors.has(error.updateId) || this.errors.size >= MAX_ERRORS) return;
    this.errors.set(error.updateId, this.describe(error, text));
  }

  end(at: number, { functionError, payload, coldStartMs, usedMb }: CompletedInvocation): void {
    this.ended = {
      durationMs: at - this.at,
      ...(coldStartMs !== undefined && { coldStartMs }),
      ...(usedMb !== undefined && { usedMb }),
      ...(functionError && { error: this.read(payload) }),
    };
  }

  /** Returns the invocation as far as it is known. @param updateId of the update whose errors count */
  value(updateId?: number): Invocation {
    const { requestId, configuration, at, batchSize } = this.options;
    const { constructPath, name, memorySize } = configuration;
    const concerns = (id?: number) => updateId === undefined || id === undefined || id === updateId;
    const [, error] = [...this.errors].find(([id]) => concerns(id)) ?? [];
    return {
      requestId,
      function: constructName(constructPath, name),
      at,
      memoryMb: memorySize,
      ...(batchSize > 1 && { batchSize }),
      log: [...this.log],
      ...(error && { error }),
      ...this.ended,
      calls: this.calls.map((call) => call.value),
    };
  }

  private keep(line: LogLine): void {
    const forgotten = pushLatest(this.log, line);
    this.logLength += line.text.length - (forgotten?.text.length ?? 0);
    while (this.logLength > MAX_LOG) this.logLength -= this.log.shift()?.text.length ?? 0;
  }

  /** Reads the error that Lambda returns for a failed invocation. */
  private read(payload: string): InvocationError {
    const { errorType, errorMessage, trace: stackTrace } = JSON.parse(payload);
    const line = JSON.stringify({ message: { errorType, errorMessage, stackTrace } });
    const { error = { type: 'Error', message: '' }, text } = readLine(line);
    return this.describe(error, text);
  }

  private describe({ type, message }: InvocationError, stack: string): InvocationError {
    const { root, scrubber } = this.options;
    const source = root === undefined ? undefined : excerptOf(root, { stack, message });
    return scrubber.value({ type, message, ...(source && { source }) });
  }
}

function shortened(text: string): string {
  return text.length > MAX_LINE ? `${text.slice(0, MAX_LINE)}…` : text;
}
