import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { ErrorBody } from './errors.ts';

export interface RuntimeInvocation {
  readonly requestId: string;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  readonly functionArn: string;
  readonly traceId: string;
  readonly event: unknown;
}

/** The function's client of the Runtime API. */
export class RuntimeClient {
  private readonly root: string;

  constructor(address: string) {
    this.root = `http://${address}/2018-06-01/runtime`;
  }

  /**
   * Waits for the next event, however long that takes.
   *
   * @param pendingWork is what the process has not finished. AWS's runtime does not report it
   */
  async next(pendingWork: readonly string[]): Promise<RuntimeInvocation> {
    const { headers, body } = await this.send('GET', '/invocation/next', {
      headers: { 'sandbox-pending-work': pendingWork.join(',') },
    });
    return {
      requestId: String(headers['lambda-runtime-aws-request-id']),
      deadline: Number(headers['lambda-runtime-deadline-ms']),
      functionArn: String(headers['lambda-runtime-invoked-function-arn']),
      traceId: String(headers['lambda-runtime-trace-id']),
      event: JSON.parse(body),
    };
  }

  async succeed(requestId: string, result: string): Promise<void> {
    await this.send('POST', `/invocation/${requestId}/response`, { body: result });
  }

  async fail(requestId: string, error: ErrorBody): Promise<void> {
    await this.send('POST', `/invocation/${requestId}/error`, { body: JSON.stringify(error) });
  }

  async reportInitError(error: ErrorBody): Promise<void> {
    await this.send('POST', '/init/error', { body: JSON.stringify(error) });
  }

  private async send(
    method: string,
    path: string,
    { headers = {}, body }: { headers?: Record<string, string>; body?: string },
  ) {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      // Each call uses a new connection: one kept alive while the handler runs may be gone afterwards.
      const outgoing = request(this.root + path, { method, headers, agent: false }, resolve);
      outgoing.on('error', reject);
      outgoing.end(body);
    });
    const answer = await text(response);
    if (Number(response.statusCode) >= 300) {
      throw new Error(
        `${method} ${path}: the Runtime API answered ${response.statusCode} ${answer}`,
      );
    }
    return { headers: response.headers, body: answer };
  }
}
