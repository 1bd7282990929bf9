import type { FunctionConfiguration } from '../aws/lambda/configuration.ts';
import type { CompletedInvocation } from '../aws/lambda/lambda.ts';
import { constructName } from '../terminal/construct-name.ts';
import { readLine } from '../terminal/readable-log.ts';
import type { CallRecord } from './call-record.ts';
import type { Invocation, InvocationError, LogLine } from './entries.ts';
import { pushLatest } from './latest.ts';
import type { Scrubber } from './scrubber.ts';
import { excerptOf } from './source-excerpt.ts';

/** The longest text of one line that is kept. */
const MAX_TEXT = 10_000;

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
  private readonly errors: { updateId?: number; error: InvocationError }[] = [];
  private ended: Partial<Invocation> = {};

  constructor(options: InvocationOptions) {
    this.options = options;
  }

  get at(): number {
    return this.options.at;
  }

  write(at: number, line: string): void {
    const { text, isError, error } = readLine(line);
    const clean = this.options.scrubber.text(text);
    pushLatest(this.log, { at, text: clean.slice(0, MAX_TEXT), isError });
    if (!error || !isError) return;
    const { updateId } = error;
    pushLatest(this.errors, { updateId, error: this.describe(error, text) });
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
    const own = this.errors.find((one) => one.updateId === undefined || one.updateId === updateId);
    const isOfAnyone = updateId === undefined ? this.errors[0] : own;
    return {
      requestId,
      function: constructName(constructPath, name),
      at,
      memoryMb: memorySize,
      ...(batchSize > 1 && { batchSize }),
      log: [...this.log],
      ...(isOfAnyone && { error: isOfAnyone.error }),
      ...this.ended,
      calls: this.calls.map((call) => call.value),
    };
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
