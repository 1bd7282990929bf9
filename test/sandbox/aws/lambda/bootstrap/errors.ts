/** An error as Lambda hands it to the invoker. */
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

/** An error as it is logged: with its own properties too. */
export function detailsOf(error: Error): Record<string, unknown> {
  return {
    errorType: error.name,
    errorMessage: error.message,
    ...error,
    stack: error.stack?.split('\n'),
  };
}

/** An error of the runtime itself, `Runtime.<kind>`. */
export function runtimeError(kind: string, message: string, stack?: string): Error {
  const error = Object.assign(new Error(message), { name: `Runtime.${kind}` });
  if (stack) error.stack = stack;
  return error;
}
