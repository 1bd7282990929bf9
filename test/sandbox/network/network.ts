import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';

/** What the emulator needs of the sandbox's network; the `Door` is one. */
export interface Network {
  /** Answers for a host name; returns how to take it down again. */
  serve(
    host: string,
    handler: (request: IncomingMessage, response: ServerResponse) => void,
  ): () => void;
  /** Whether the host name resolves. */
  knows(host: string): boolean;
  /** One HTTPS request over HTTP/1.1, following no redirect. */
  request(url: URL, options: NetworkRequest): Promise<NetworkResponse>;
}

export interface NetworkRequest {
  readonly method: string;
  /** Sent as they are, in this order and with no others. */
  readonly headers: Record<string, string>;
  readonly body: Buffer;
  readonly signal: AbortSignal;
  /** PEM, in place of the authorities that the network trusts by itself. */
  readonly ca?: Buffer | undefined;
}

export interface NetworkResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}
