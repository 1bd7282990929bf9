/** AWS answered and refused the request. Its `name` is AWS's for the error, as in the SDK: `AccessDeniedException`. */
export class AwsRefusedError extends Error {
  /** The HTTP status. */
  readonly status: number;
  /** Whether the date in the response says that this machine's clock is wrong, which AWS takes for a forgery. */
  isClockWrong = false;

  constructor(operation: string, status: number, type: string, reason: string) {
    super(`${operation}: AWS refused with ${status} ${type}: ${reason}`);
    this.name = type;
    this.status = status;
  }

  /** Reads a response of AWS's JSON protocol. What is not its JSON is not quoted. */
  static of(operation: string, status: number, text: string): AwsRefusedError {
    try {
      const { __type = '', message = '', Message = message } = JSON.parse(text);
      const type = __type.slice(__type.indexOf('#') + 1);
      return new AwsRefusedError(operation, status, type, Message);
    } catch {
      return new AwsRefusedError(operation, status, 'UnknownError', 'the answer is not JSON');
    }
  }

  /** Whether AWS failed or throttled the request, so that another attempt may succeed. */
  get isTransient(): boolean {
    return this.status >= 500 || this.status === 429 || /Throttl|TooManyRequests/.test(this.name);
  }
}
