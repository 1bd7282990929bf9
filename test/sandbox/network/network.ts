import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';

export type HostHandler = (request: IncomingMessage, response: ServerResponse) => void;

export interface ServeOptions {
  /**
   * Whether a certificate is issued for the host. The hosts of Telegram and AWS have one anyway.
   *
   * @default false
   */
  readonly hasCertificate?: boolean;
}

/** The network that the emulators run on, such as `LocalNetwork`. */
export interface Network {
  /** PEM of the authority that issues certificates, on a network with TLS. */
  readonly ca?: string;
  /** Passes the requests for one host, `<name>[:<port>]`, to `handler`. @returns a function that removes the host */
  serve(host: string, handler: HostHandler, options?: ServeOptions): () => void;
  /** Returns whether the host name resolves. */
  knows(host: string): boolean;
  /** Sends one HTTPS request over HTTP/1.1, and follows no redirect. */
  request(url: URL, options: NetworkRequest): Promise<NetworkResponse>;
}

export interface NetworkRequest {
  readonly method: string;
  /** Headers that are sent as they are, in this order and with no others. */
  readonly headers: Record<string, string>;
  readonly body: Buffer;
  readonly signal: AbortSignal;
  /** PEM. Replaces the authorities that the network trusts by default. */
  readonly ca?: Buffer | undefined;
}

export interface NetworkResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}
