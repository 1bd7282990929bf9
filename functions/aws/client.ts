import { Connections, type ConnectionsOptions, type HttpResponse } from '../http/connections.ts';
import { AwsRefusedError } from './errors.ts';
import { type AwsCredentials, signedHeaders } from './sigv4.ts';

export interface AwsClientOptions extends ConnectionsOptions {
  /** The service's name in signatures: `sqs`. */
  readonly service: string;
  /** The prefix of operations in the service's JSON protocol: `AmazonSQS`. */
  readonly target: string;
  /** The version of that protocol. */
  readonly version: '1.0' | '1.1';
  /** `https://sqs.<region>.amazonaws.com` */
  readonly endpoint: URL;
  readonly region: string;
  /** How long one attempt may take, from the connection to the last byte of the response. */
  readonly attemptMs: number;
  readonly attempts: number;
}

/** How long to wait after an attempt that AWS throttled or could not serve, on average; twice that after the next. */
const RETRY_WAIT_MS = 50;

/** AWS refuses a signature that is 5 minutes old. A clock that is wrong by less needs no correction. */
const TOLERATED_SKEW_MS = 4 * 60_000;

/**
 * A client of an AWS service with a JSON protocol, for operations that may be executed twice. It acts with this
 * function's permissions. It stands in for the AWS SDK, whose loading would be most of a cold start: see
 * `npm run bench`.
 */
export class AwsClient {
  private readonly options: AwsClientOptions;
  private readonly connections: Connections;
  private readonly now: () => number;
  /** How far AWS's clock is ahead of this machine's. */
  private skewMs = 0;

  constructor(options: AwsClientOptions) {
    const { now = Date.now, ca, endpoint } = options;
    this.options = options;
    this.connections = new Connections(endpoint, { now, ca });
    this.now = now;
  }

  /**
   * Opens a connection ahead of the first request, with a signed GET that asks for nothing. Whatever AWS answers, this
   * process has then run all the code that a request runs, which takes longer than the connection.
   *
   * @throws the error of `node:https`, or the signal's reason
   */
  async open(signal: AbortSignal): Promise<void> {
    await this.exchange('GET', {}, Buffer.alloc(0), signal);
  }

  /** Closes all connections. */
  close(): void {
    this.connections.close();
  }

  /**
   * Sends a request, and again after a transient failure.
   *
   * @param signal ends all attempts
   * @returns the response's JSON
   * @throws AwsRefusedError when AWS refused, the error of `node:https`, or the reason of a signal
   */
  async send(operation: string, input: object, signal?: AbortSignal): Promise<unknown> {
    const body = Buffer.from(JSON.stringify(input));
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.attempt(operation, body, signal);
      } catch (error) {
        const isRefusal = error instanceof AwsRefusedError;
        const isFinal = isRefusal && !error.isTransient && !error.isClockWrong;
        if (isFinal || signal?.aborted || attempt >= this.options.attempts) throw error;
        // Another connection can be tried at once.
        if (isRefusal && error.isTransient)
          await sleep(RETRY_WAIT_MS * 2 ** attempt * Math.random());
      }
    }
  }

  private async attempt(operation: string, body: Buffer, signal?: AbortSignal): Promise<unknown> {
    const { target, version, attemptMs } = this.options;
    const headers = {
      'content-type': `application/x-amz-json-${version}`,
      'x-amz-target': `${target}.${operation}`,
    };
    const timeout = AbortSignal.timeout(attemptMs);
    const either = signal ? AbortSignal.any([signal, timeout]) : timeout;
    const response = await this.exchange('POST', headers, body, either).catch((error) => {
      throw timeout.aborted ? noAnswer(operation, attemptMs) : error;
    });
    if (response.status === 200) return JSON.parse(response.text || 'null');
    throw this.refusal(operation, response);
  }

  private exchange(
    method: 'POST' | 'GET',
    ownHeaders: Readonly<Record<string, string>>,
    body: Buffer,
    signal: AbortSignal,
  ): Promise<HttpResponse> {
    const { service, region, endpoint } = this.options;
    const path = endpoint.pathname;
    const headers = signedHeaders(
      { method, path, headers: { host: endpoint.host, ...ownHeaders }, body },
      { region, service, credentials: credentials(), date: new Date(this.now() + this.skewMs) },
    );
    return this.connections.send({ method, path, headers, body, signal, isIdempotent: true });
  }

  private refusal(operation: string, { status, headers, text }: HttpResponse): AwsRefusedError {
    const error = AwsRefusedError.of(operation, status, text);
    const ahead = Date.parse(headers.date ?? '') - this.now();
    // The SDK corrects a wrong clock in the same way.
    if (status < 500 && Math.abs(ahead - this.skewMs) > TOLERATED_SKEW_MS) {
      this.skewMs = ahead;
      error.isClockWrong = true;
    }
    return error;
  }
}

/** Returns Lambda's credentials. It reads them at every call, because tests set them after the code loads. */
export function credentials(): AwsCredentials {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
  return {
    accessKeyId: AWS_ACCESS_KEY_ID ?? '',
    secretAccessKey: AWS_SECRET_ACCESS_KEY ?? '',
    sessionToken: AWS_SESSION_TOKEN,
  };
}

function noAnswer(operation: string, ms: number): Error {
  const error = new Error(`${operation}: no answer within ${ms} ms`);
  error.name = 'TimeoutError';
  return error;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
