import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import type { AgentOptions } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

export interface HttpRequest {
  readonly method: 'POST' | 'GET';
  /** With the query, if there is one. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
  /** Ends the request, at whatever point it is. */
  readonly signal: AbortSignal;
  /** Whether the server may execute the request twice without harm. */
  readonly isIdempotent: boolean;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

export interface ConnectionsOptions extends Pick<AgentOptions, 'ca'> {
  /** @default - Date.now */
  readonly now?: () => number;
}

/**
 * How long a connection may be idle and still be used. Lambda freezes the process between invocations, and a server
 * closes what has been idle for a minute or so; a firewall in between drops it, and tells neither side.
 */
const MAX_IDLE_MS = 45_000;

/**
 * The connections to one server, kept open between requests. It stands in for `fetch`, whose first use takes about
 * 40 ms of a whole processor, and in a small Lambda function a quarter of a second: see `npm run bench`.
 *
 * A request that meets a dead connection is sent again on another one, once, but only if the server cannot have executed
 * it, or may execute it twice.
 */
export class Connections {
  private readonly origin: URL;
  /** Without the brackets that a URL has around an IPv6 address. */
  private readonly host: string;
  private readonly request: (options: RequestOptions) => ClientRequest;
  private readonly agent: Agent;
  private readonly now: () => number;
  /** The connection that `open` has made, until a request takes it. */
  private unused?: Socket;
  /** When each connection became idle last. One that never was belongs to its first request. */
  private readonly idleSince = new WeakMap<Duplex, number>();
  private readonly tls: AgentOptions;

  /** @param origin of the server: `https://api.telegram.org` */
  constructor(origin: URL, { now = Date.now, ...tls }: ConnectionsOptions = {}) {
    this.origin = origin;
    this.host = origin.hostname.replace(/^\[(.*)\]$/, '$1');
    this.now = now;
    this.tls = tls;
    // Not imported, because an ES import of either loads all of `fetch` with it.
    const { Agent, request } =
      origin.protocol === 'http:'
        ? process.getBuiltinModule('node:http')
        : process.getBuiltinModule('node:https');
    this.request = request;
    this.agent = new Agent({ keepAlive: true, ...tls });
    const { createConnection, keepSocketAlive } = this.agent;
    this.agent.createConnection = (...args) => {
      const { unused } = this;
      this.unused = undefined;
      return unused?.ref() ?? createConnection.apply(this.agent, args);
    };
    this.agent.keepSocketAlive = (socket) => {
      this.idleSince.set(socket, this.now());
      return keepSocketAlive.call(this.agent, socket);
    };
  }

  /**
   * Opens a connection ahead of the first request.
   *
   * @throws the error of the connection, or the signal's reason
   */
  async open(signal: AbortSignal): Promise<void> {
    if (this.unused) return;
    const { host } = this;
    const { port, protocol } = this.origin;
    const isTls = protocol === 'https:';
    const socket = this.agent.createConnection({
      ...this.tls,
      noDelay: true,
      ALPNProtocols: ['http/1.1'],
      host,
      port: Number(port || (isTls ? 443 : 80)),
      servername: process.getBuiltinModule('node:net').isIP(host) ? '' : host,
    } as RequestOptions) as Socket;
    const abort = () => socket.destroy(signal.reason);
    signal.addEventListener('abort', abort);
    if (signal.aborted) abort();
    await new Promise<void>((resolve, reject) => {
      socket.once(isTls ? 'secureConnect' : 'connect', resolve);
      // It stays, because the error of a connection that nobody uses would end the process.
      socket.on('error', reject);
      socket.once('close', () => reject(new Error('the connection was closed')));
    }).finally(() => signal.removeEventListener('abort', abort));
    socket.on('close', () => {
      if (this.unused === socket) this.unused = undefined;
    });
    this.idleSince.set(socket, this.now());
    this.unused = socket.unref();
  }

  /**
   * Sends a request. It follows no redirect.
   *
   * @throws the error of `node:https`, or the signal's reason
   */
  async send(request: HttpRequest): Promise<HttpResponse> {
    await lookAtSockets();
    this.dropStale();
    let outcome = await this.attempt(request);
    if ('error' in outcome && outcome.canRepeat) outcome = await this.attempt(request);
    if ('error' in outcome) throw request.signal.aborted ? request.signal.reason : outcome.error;
    return outcome;
  }

  /** Closes all connections. */
  close(): void {
    this.unused?.destroy();
    this.agent.destroy();
  }

  private dropStale(): void {
    const idle = Object.values(this.agent.freeSockets).flatMap((sockets) => sockets ?? []);
    for (const socket of [...idle, ...(this.unused ? [this.unused] : [])]) {
      const idleMs = this.now() - (this.idleSince.get(socket) ?? 0);
      // A server says nothing unasked, except that it gives up waiting for a request.
      if (idleMs > MAX_IDLE_MS || socket.readableLength > 0) {
        if (socket === this.unused) this.unused = undefined;
        socket.destroy();
      }
    }
  }

  private attempt({
    method,
    path,
    headers,
    body,
    signal,
    isIdempotent,
  }: HttpRequest): Promise<HttpResponse | { error: Error; canRepeat: boolean }> {
    return new Promise((resolve) => {
      let wasIdle = false;
      let hasAnswered = false;
      const outgoing = this.request({
        agent: this.agent,
        method,
        host: this.host,
        port: this.origin.port,
        path,
        headers: { ...headers, 'content-length': Buffer.byteLength(body) },
        signal,
      });
      const fail = (error: Error) => {
        // A server executes a request once it has all of it. It certainly lacks a part if the operating system refused
        // one or, without TLS, if Node has not handed over all of it: with TLS, Node reports that too late.
        const isUnexecuted =
          (error as NodeJS.ErrnoException).syscall === 'write' ||
          (this.origin.protocol === 'http:' && !outgoing.writableFinished);
        const canRepeat =
          wasIdle && !hasAnswered && !signal.aborted && (isUnexecuted || isIdempotent);
        resolve({ error, canRepeat });
      };
      outgoing.on('socket', (socket) => {
        wasIdle = this.idleSince.has(socket);
      });
      outgoing.on('error', fail);
      // Also when the server changes the protocol, which Node reports as nothing else.
      outgoing.on('close', () => {
        if (!hasAnswered) fail(new Error('the connection was closed without an answer'));
      });
      outgoing.on('response', (response) => {
        hasAnswered = true;
        textOf(response).then(
          (text) => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
          fail,
        );
      });
      outgoing.end(body);
    });
  }
}

/**
 * Lets the event loop look at all sockets. A connection that the server has closed, while Lambda had frozen this process,
 * then reports that and is dropped. With TLS that takes three turns.
 */
async function lookAtSockets(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) {
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return text;
}
