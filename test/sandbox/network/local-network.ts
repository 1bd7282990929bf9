import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServer, request, type Server } from 'node:https';
import {
  type AddressInfo,
  createServer as createNetServer,
  type Server as NetServer,
  type Socket,
} from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { Leniency } from '../leniency.ts';
import { type Certificate, issueCertificate, makeCertificate } from './certificate.ts';
import { buildChildModule } from './child-module.ts';
import { refusalOf } from './local-caller.ts';
import {
  canonicalHost,
  connectionRefused,
  hostNotFound,
  LOCAL_NETWORK_ADDRESS,
  writeHostsFile,
} from './names.ts';
import type { HostHandler, Network, ServeOptions } from './network.ts';

export type { HostHandler } from './network.ts';

export interface LocalRequest {
  readonly method: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: Buffer | string;
  readonly signal?: AbortSignal;
  /** PEM. Replaces the local network's own authority. */
  readonly ca?: Buffer;
}

export interface LocalResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Every host that the stack's code connects to in strict mode. */
const HOSTS = [
  'api.telegram.org',
  '*.us-east-1.amazonaws.com',
  '*.execute-api.us-east-1.amazonaws.com',
  'secretsmanager.eu-west-1.amazonaws.com',
  '*.s3.amazonaws.com',
  '*.s3.us-east-1.amazonaws.com',
];

/** The regions that an app may name, for which lenient mode has certificates. */
const REGIONS = [
  ...['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2', 'ca-central-1', 'ca-west-1'],
  ...['mx-central-1', 'sa-east-1', 'eu-central-1', 'eu-central-2', 'eu-north-1', 'eu-south-1'],
  ...['eu-south-2', 'eu-west-1', 'eu-west-2', 'eu-west-3', 'af-south-1', 'il-central-1'],
  ...['me-central-1', 'me-south-1', 'ap-east-1', 'ap-east-2', 'ap-northeast-1', 'ap-northeast-2'],
  ...['ap-northeast-3', 'ap-south-1', 'ap-south-2', 'ap-southeast-1', 'ap-southeast-2'],
  ...['ap-southeast-3', 'ap-southeast-4', 'ap-southeast-5', 'ap-southeast-6', 'ap-southeast-7'],
];

/** Another port of the network, by which it tells one caller from the others. */
export interface CallerPort {
  readonly number: number;
  close(): void;
}

export interface LenientNetwork {
  readonly leniency: Leniency;
  /** Whether functions reach the hosts that the sandbox does not serve. */
  readonly isOnline: boolean;
}

const SHARED_PORT = 443;

/**
 * The sandbox's internet: one TLS server on this machine, where each host has its own handler, on port 443 or
 * on the one that it names. A host name resolves from `serve` until its removal, in this process and in its
 * child processes.
 */
export class LocalNetwork implements Network {
  readonly port: number;
  /** PEM of the certificate, which is its own authority. */
  readonly ca: string;
  private readonly server: Server;
  private readonly authority: Certificate;
  private readonly directory: string;
  private readonly handlers = new Map<string, HostHandler>();
  private readonly sockets = new Set<Socket>();
  private readonly callerPorts = new Set<NetServer>();
  private readonly refused = new Set<string>();
  private readonly lenient: LenientNetwork | undefined;

  private constructor(
    server: Server,
    authority: Certificate,
    directory: string,
    lenient?: LenientNetwork,
  ) {
    this.server = server;
    this.authority = authority;
    this.lenient = lenient;
    this.port = (server.address() as AddressInfo).port;
    this.ca = authority.certificate;
    this.directory = directory;
    server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
    server.on('request', (incoming, response) => this.answer(incoming, response));
    writeFileSync(this.caFile, this.ca);
    this.publish();
  }

  /**
   * Starts a local network.
   *
   * @param parent contains the network's own folder, which `close` deletes
   * @param lenient makes it explain which hosts are not reachable
   */
  static async open(parent = tmpdir(), lenient?: LenientNetwork): Promise<LocalNetwork> {
    const directory = realpathSync(mkdtempSync(join(parent, 'sandbox-network-')));
    const authority = await makeCertificate(lenient ? lenientHosts() : HOSTS);
    const { key, certificate } = authority;
    await buildChildModule(new URL('redirect.ts', import.meta.url), preload(directory), 'cjs');
    const server = createServer({ key, cert: certificate });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new LocalNetwork(server, authority, directory, lenient);
  }

  /** Passes the requests for one host, `<exact name>[:<port>]`, to `handler`, until the returned function is called. */
  serve(
    host: string,
    handler: HostHandler,
    { hasCertificate = false }: ServeOptions = {},
  ): () => void {
    if (this.handlers.has(host)) throw new Error(`${host} is already served`);
    this.handlers.set(host, handler);
    // A connection that names the host in its handshake (SNI) gets this certificate.
    const name = nameOf(host);
    if (hasCertificate) this.server.addContext(name, issueCertificate(this.authority, name));
    this.publish();
    return () => {
      if (this.handlers.get(host) !== handler) return;
      this.handlers.delete(host);
      this.publish();
    };
  }

  /** Keeps child processes from a server that is not here, and on this machine from all its names. */
  refuse({ hostname, port, protocol }: URL): void {
    const name = canonicalHost(hostname.replace(/^\[|\]$/g, ''));
    this.refused.add(`${name}:${port || (protocol === 'http:' ? 80 : SHARED_PORT)}`);
    this.publish();
  }

  knows(host: string): boolean {
    return [...this.handlers.keys()].some((known) => nameOf(known) === host.toLowerCase());
  }

  /**
   * Sends an HTTPS request from this process through the local network, with SNI and a check of the
   * certificate. Adds no header except `Host`, `Connection` and, with a body, `Content-Length`, and
   * follows no redirect.
   * Rejects as Node does: ENOTFOUND, ECONNREFUSED, ECONNRESET, or the signal's AbortError.
   */
  async request(url: URL, options: LocalRequest): Promise<LocalResponse> {
    if (!this.knows(url.hostname)) throw hostNotFound('getaddrinfo', url.hostname);
    if (url.protocol !== 'https:' || !this.handlers.has(url.host)) {
      throw connectionRefused(LOCAL_NETWORK_ADDRESS, Number(url.port || SHARED_PORT));
    }
    const outgoing = request({
      host: '127.0.0.1',
      port: this.port,
      servername: url.hostname,
      ca: options.ca ?? this.ca,
      agent: false,
      method: options.method,
      path: url.pathname + url.search,
      headers: { host: url.host, ...options.headers },
      signal: options.signal,
    });
    // Otherwise Node sends the body of a GET without a length, and the server reads it as the next request.
    if (options.body !== undefined && !outgoing.hasHeader('content-length')) {
      outgoing.setHeader('content-length', Buffer.byteLength(options.body));
    }
    outgoing.end(options.body);
    const [response]: [IncomingMessage] = (await once(outgoing, 'response')) as never;
    const body = await buffer(response);
    return { status: response.statusCode ?? 0, headers: response.headers, body };
  }

  /** Opens a port that leads to the same hosts: requests that come to it have it as their `socket.localPort`. */
  async openPort(): Promise<CallerPort> {
    const port = createNetServer((socket) => this.server.emit('connection', socket));
    this.callerPorts.add(port);
    port.listen(0, '127.0.0.1');
    await once(port, 'listening');
    return {
      number: (port.address() as AddressInfo).port,
      close: () => {
        this.callerPorts.delete(port);
        port.close();
      },
    };
  }

  /**
   * Returns the environment variables that lead a child process's requests here and nowhere else.
   *
   * @param port one that only this process uses. @default - the common one
   */
  childEnvironment(port = this.port): Record<string, string> {
    return {
      NODE_EXTRA_CA_CERTS: this.caFile,
      NODE_OPTIONS: `--require ${JSON.stringify(preload(this.directory))}`,
      SANDBOX_NETWORK_PORT: String(port),
      SANDBOX_HOSTS_FILE: this.hostsFile,
      ...(this.lenient && { SANDBOX_UNREACHABLE_FILE: this.unreachableFile }),
      ...(this.lenient?.isOnline && { SANDBOX_ONLINE: 'true' }),
    };
  }

  /** Notes the hosts that child processes could not reach since the last call. */
  noteUnreachable(): void {
    if (!this.lenient || !existsSync(this.unreachableFile)) return;
    const explanations = readFileSync(this.unreachableFile, 'utf8').split('\n').filter(Boolean);
    for (const explanation of explanations) this.lenient.leniency.note(explanation);
  }

  async close(): Promise<void> {
    for (const port of this.callerPorts) port.close();
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await once(this.server, 'close');
    rmSync(this.directory, { recursive: true });
  }

  private answer(incoming: IncomingMessage, response: ServerResponse): void {
    const handlerOf = (host: string) => {
      const [, name = '', port = ''] = /^(.*?)(:\d+)?$/.exec(host) ?? [];
      return this.handlers.get(canonicalHost(name) + port.replace(/^:443$/, ''));
    };
    // A name that is not served may have been removed after the connection was made.
    const status = refusalOf(incoming, (host) => handlerOf(host) !== undefined);
    if (status !== undefined) return void response.writeHead(status).end();
    handlerOf(String(incoming.headers.host))?.(incoming, response);
  }

  private publish(): void {
    writeHostsFile(this.hostsFile, this.handlers.keys(), this.refused);
  }

  private get unreachableFile(): string {
    return join(this.directory, 'unreachable');
  }

  private get caFile(): string {
    return join(this.directory, 'ca.pem');
  }

  private get hostsFile(): string {
    return join(this.directory, 'hosts');
  }
}

function nameOf(host: string): string {
  return host.replace(/:\d+$/, '');
}

function lenientHosts(): string[] {
  const inRegion = REGIONS.flatMap((region) =>
    ['', 'execute-api.', 's3.'].map((service) => `*.${service}${region}.amazonaws.com`),
  );
  return [...HOSTS, ...inRegion];
}

function preload(directory: string): string {
  return join(directory, 'redirect.cjs');
}
