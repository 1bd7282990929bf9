import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { refusalOf } from '../../network/local-caller.ts';

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

interface Refusal {
  readonly status: number;
  readonly errorType: string;
  readonly errorMessage: string;
}

const REPORT = /^POST \/invocation\/([^/]+)\/(response|error)$/;

const NOT_FOUND: Refusal = {
  status: 404,
  errorType: 'NotFound',
  errorMessage: 'There is no such operation here',
};
const INVALID_REQUEST_ID: Refusal = {
  status: 400,
  errorType: 'InvalidRequestID',
  errorMessage: 'Invalid request ID',
};
const INVALID_STATE: Refusal = {
  status: 403,
  errorType: 'InvalidStateTransition',
  errorMessage: 'The process is in a state that does not allow this operation',
};

/**
 * Lambda's Runtime API for one process, which asks for work, gets an event, and reports back. Emits
 * `ready` when the process asks for work, with what it has not finished, and `report` when it answers or fails to start.
 *
 * Everybody on this machine can connect to the port. Only the process knows the path, and only the
 * invocation in progress can be answered, once.
 */
export class RuntimeApi extends EventEmitter<{
  ready: [pendingWork: readonly string[]];
  report: [Report];
}> {
  private readonly server: Server;
  private readonly secretPath = randomBytes(16).toString('hex');
  private isLoading = true;
  /** The request that waits for an event. */
  private waiting?: ServerResponse;
  /** The request id of the invocation in progress. */
  private current?: string;

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

  /** The value of `AWS_LAMBDA_RUNTIME_API`: host, port and the secret path. */
  get address(): string {
    return `${this.host}/${this.secretPath}`;
  }

  /** Hands an event to the process that asked for work. */
  give(work: Work): void {
    this.current = work.requestId;
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

  private get host(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const status = refusalOf(request, (host) => host === this.host);
    const root = `/${this.secretPath}/2018-06-01/runtime`;
    if (status !== undefined) return void response.writeHead(status).end();
    if (!request.url?.startsWith(root)) return refuse(response, NOT_FOUND);
    const operation = `${request.method} ${request.url.slice(root.length)}`;
    if (operation === 'GET /invocation/next') return this.next(request, response);
    const body = await text(request).catch(() => undefined);
    if (body === undefined) return;
    const report = this.reportOf(operation, body);
    if ('status' in report) return refuse(response, report);
    this.isLoading = false;
    this.current = undefined;
    response.writeHead(202).end();
    this.emit('report', report);
  }

  private next({ headers }: IncomingMessage, response: ServerResponse): void {
    if (this.waiting || this.current !== undefined) {
      refuse(response, INVALID_STATE);
      return;
    }
    this.isLoading = false;
    this.waiting = response;
    this.emit(
      'ready',
      String(headers['sandbox-pending-work'] ?? '')
        .split(',')
        .filter(Boolean),
    );
  }

  private reportOf(operation: string, body: string): Report | Refusal {
    if (operation === 'POST /init/error') {
      return this.isLoading ? { kind: 'error', body } : INVALID_STATE;
    }
    const [, requestId, kind] = REPORT.exec(operation) ?? [];
    if (requestId === undefined) return NOT_FOUND;
    if (requestId !== this.current) return INVALID_REQUEST_ID;
    return { kind: kind as Report['kind'], body };
  }
}

/** Refuses an operation in the form of AWS's Runtime API. */
function refuse(response: ServerResponse, { status, ...error }: Refusal): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(error));
}
