/** An error as Lambda returns it to the invoker. */
export interface ErrorBody {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
}

export function errorBody(error: unknown): ErrorBody {
  if (!(error instanceof Error)) {
    return { errorType: typeof error, errorMessage: String(error), trace: [] };
  }
  return {
    errorType: error.name,
    errorMessage: error.message,
    trace: error.stack?.split('\n') ?? [],
  };
}

/** Describes an error for the log, including its own properties. */
export function detailsOf(error: Error): Record<string, unknown> {
  return {
    errorType: error.name,
    errorMessage: error.message,
    ...error,
    stack: error.stack?.split('\n'),
  };
}

/** Creates an error of the runtime itself, named `Runtime.<kind>`. */
export function runtimeError(kind: string, message: string, stack?: string): Error {
  const error = Object.assign(new Error(message), { name: `Runtime.${kind}` });
  if (stack) error.stack = stack;
  return error;
}
