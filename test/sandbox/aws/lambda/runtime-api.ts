import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Work {
  readonly requestId: string;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  readonly functionArn: string;
  /** JSON. */
  readonly payload: string;
}

export interface Report {
  readonly kind: 'response' | 'error';
  /** JSON. */
  readonly body: string;
}

/**
 * Lambda's Runtime API for one process, which asks for work, gets an event, and reports back. Emits
 * `ready` when the process asks for work, and `report` when it answers or fails to start.
 */
export class RuntimeApi extends EventEmitter<{ ready: []; report: [Report] }> {
  private readonly server: Server;
  private waiting?: ServerResponse;

  private constructor(server: Server) {
    super();
    this.server = server;
    server.on('request', (request, response) => void this.answer(request, response));
  }

  static async open(): Promise<RuntimeApi> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new RuntimeApi(server);
  }

  /** Host and port, as in `AWS_LAMBDA_RUNTIME_API`. */
  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Hands an event to the process that asked for work. */
  give(work: Work): void {
    this.waiting?.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': work.requestId,
      'lambda-runtime-deadline-ms': work.deadline,
      'lambda-runtime-invoked-function-arn': work.functionArn,
      'lambda-runtime-trace-id': `Root=1-${work.requestId}`,
    });
    this.waiting?.end(work.payload);
    this.waiting = undefined;
  }

  async close(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = String(request.url);
    if (path.endsWith('/runtime/invocation/next')) {
      this.waiting = response;
      this.emit('ready');
      return;
    }
    const body = await text(request).catch(() => undefined);
    if (body === undefined) return;
    response.writeHead(202).end();
    this.emit('report', { kind: path.endsWith('/response') ? 'response' : 'error', body });
  }
}
