import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { HostHandler, Network, NetworkRequest, NetworkResponse } from '../sandbox/index.ts';

/** How a request fails: with the error code of a lookup or connection, or with an intermediary's status. */
export type NetworkFault = { readonly code: string } | { readonly status: number };

/** Who sends a request by host name. */
export type Sender = 'probe' | 'telegram' | 'function';

/**
 * Maps host names to handlers, without sockets: a request is a function call. Failures that need a real
 * connection are played at the Bot API, which has sockets.
 */
export class InProcessNetwork implements Network {
  /** Called before each request; returns the fault to inject. */
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

  /** Sends a request as Telegram. */
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

/** Whether a host is that of an API or of a Function URL. */
export function isEndpoint(host: string): boolean {
  return /\.(execute-api|lambda-url)\./.test(host);
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** Returns the part of a request that the sandbox's handlers read. */
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

/** Returns the part of a response that the sandbox's handlers write. */
function outgoing(onEnd: (response: NetworkResponse) => void): ServerResponse {
  let status = 200;
  let headers: Record<string, string> = {};
  const response = {
    writeHead(code: number, fields: Record<string, string> = {}) {
      status = code;
      headers = fields;
      return response;
    },
    end(body: string | Buffer = '') {
      onEnd({ status, headers, body: Buffer.from(body) });
    },
  };
  return response as unknown as ServerResponse;
}

function lowerCase(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}
