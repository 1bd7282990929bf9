import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { HostHandler, Network, NetworkRequest, NetworkResponse } from '../sandbox/index.ts';

/** What a request meets on its way: the error of a look-up or a connection, or somebody's answer. */
export type NetworkFault = { readonly code: string } | { readonly status: number };

/** Everyone who sends a request by its host name: the probe, Telegram, and the functions. */
export type Sender = 'probe' | 'telegram' | 'function';

/**
 * Host names and their handlers without any sockets: a request is a function call. What only real
 * connections can do to a caller is shown at the Bot API, which has them.
 */
export class InProcessNetwork implements Network {
  /** For tests of faults: asked about every request. */
  intercept?: (url: URL, sender: Sender) => NetworkFault | undefined;
  private readonly handlers = new Map<string, HostHandler>();

  serve(host: string, handler: HostHandler): () => void {
    if (this.handlers.has(host)) throw new Error(`${host} is already served`);
    this.handlers.set(host, handler);
    return () => void this.handlers.delete(host);
  }

  knows(host: string): boolean {
    return this.handlers.has(host);
  }

  /** As Telegram sends it. */
  request(url: URL, options: NetworkRequest): Promise<NetworkResponse> {
    return this.send(url, options, 'telegram');
  }

  async send(
    url: URL,
    options: Pick<NetworkRequest, 'method' | 'headers' | 'body'> & { signal?: AbortSignal },
    sender: Sender,
  ): Promise<NetworkResponse> {
    const fault = this.intercept?.(url, sender);
    if (fault && 'code' in fault) throw failure(fault.code);
    if (fault) return { status: fault.status, headers: {}, body: Buffer.alloc(0) };
    const handler = this.handlers.get(url.hostname);
    if (!handler) throw failure('ENOTFOUND');
    return new Promise((resolve, reject) => {
      options.signal?.addEventListener('abort', () => reject(options.signal?.reason), {
        once: true,
      });
      handler(incoming(url, options), outgoing(resolve));
    });
  }
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** As much of a request as the handlers of the sandbox read. */
function incoming(
  url: URL,
  { method, headers, body }: Pick<NetworkRequest, 'method' | 'headers' | 'body'>,
): IncomingMessage {
  const sent = Object.entries({ host: url.host, ...lowerCase(headers) });
  return Object.assign(Readable.from([body]), {
    method,
    url: url.pathname + url.search,
    headers: Object.fromEntries(sent),
    rawHeaders: sent.flat(),
    httpVersion: '1.1',
    socket: { remoteAddress: '149.154.160.1' },
    complete: true,
  }) as unknown as IncomingMessage;
}

/** As much of a response as the handlers of the sandbox write. */
function outgoing(answered: (response: NetworkResponse) => void): ServerResponse {
  let status = 200;
  let headers: Record<string, string> = {};
  const response = {
    writeHead(code: number, fields: Record<string, string> = {}) {
      status = code;
      headers = fields;
      return response;
    },
    end(body: string | Buffer = '') {
      answered({ status, headers, body: Buffer.from(body) });
    },
  };
  return response as unknown as ServerResponse;
}

function lowerCase(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}
