import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Leniency } from '../leniency.ts';
import type { Network } from './network.ts';

/** A proxy of the user's. Both URLs are bases, without a slash at the end. */
export interface UserProxy {
  /** Where Telegram delivers to: `https://<host>[:<port>][/<base path>]`. */
  readonly origin: string;
  /** Where the proxy forwards to. */
  readonly behind: string;
  /** The certificate that the registration gives to Telegram: a PEM file in base64. */
  readonly certificate?: string;
}

/** Stands in for proxies that users run elsewhere, under the host names of the proxies, in lenient mode. */
export class EmulatedProxies {
  private readonly network: Network;
  private readonly leniency: Leniency | undefined;
  /** By registration. After a change of the endpoint both are there until the change has succeeded. */
  private readonly proxies = new Map<string, readonly UserProxy[]>();
  /** By registration, which of its webhooks is the newest. */
  private readonly webhooks = new Map<string, string>();
  /** By host, what stops serving it. */
  private readonly hosts = new Map<string, () => void>();
  /** The certificates of the proxies, which only they have the keys for. */
  private readonly certificates = new Set<string>();

  constructor({ network, leniency }: { network: Network; leniency?: Leniency }) {
    this.network = network;
    this.leniency = leniency;
  }

  /** Stands in for the proxy of a registration, unless the network knows its host already. */
  open(registration: string, proxy: UserProxy): void {
    const { hostname, host, origin } = new URL(proxy.origin);
    if (isIP(hostname)) {
      this.leniency?.note(`${origin}: the sandbox stands in for no proxy that has only an address`);
      return;
    }
    if (!this.hosts.has(host)) {
      if (this.network.knows(hostname) && !this.standsInFor(hostname)) return;
      const handle = (request: IncomingMessage, response: ServerResponse) =>
        void this.forward(host, request, response);
      this.hosts.set(host, this.network.serve(host, handle, { hasCertificate: true }));
    }
    this.leniency?.note(`${origin}: the sandbox stands in for your proxy, with --online too`);
    if (proxy.certificate !== undefined) {
      this.certificates.add(proxy.certificate);
      this.leniency?.note(`${origin}: the stand-in has a certificate of the sandbox's, not yours`);
    }
    const others = this.of(registration).filter((other) => other.origin !== proxy.origin);
    this.proxies.set(registration, [...others, proxy]);
  }

  /** Keeps only the stand-in at the endpoint of a registration, which has succeeded. */
  settle(registration: string, webhook: string, endpoint: string): void {
    this.webhooks.set(registration, webhook);
    const kept = this.of(registration).filter(({ origin }) => origin === endpoint);
    this.replace(registration, kept);
  }

  /**
   * Ends what stands in for a registration whose webhook has been deleted, unless that is the webhook of another bot,
   * which an update has replaced.
   */
  close(registration: string, webhook: string): void {
    if ((this.webhooks.get(registration) ?? webhook) !== webhook) return;
    this.webhooks.delete(registration);
    this.replace(registration, []);
  }

  /** Replaces the certificates of proxies in a text by the authority that issues those of their stand-ins. */
  withOwnCertificate(text: string): string {
    const own = Buffer.from(this.network.ca ?? '').toString('base64');
    let replaced = text;
    for (const certificate of this.certificates) replaced = replaced.replaceAll(certificate, own);
    return replaced;
  }

  private standsInFor(hostname: string): boolean {
    return [...this.hosts.keys()].some((host) => host.replace(/:\d+$/, '') === hostname);
  }

  private of(registration: string): readonly UserProxy[] {
    return this.proxies.get(registration) ?? [];
  }

  private at(host: string): UserProxy[] {
    return [...this.proxies.values()].flat().filter(({ origin }) => new URL(origin).host === host);
  }

  private replace(registration: string, proxies: readonly UserProxy[]): void {
    if (proxies.length > 0) this.proxies.set(registration, proxies);
    else this.proxies.delete(registration);
    for (const [host, stop] of this.hosts) {
      if (this.at(host).length > 0) continue;
      stop();
      this.hosts.delete(host);
    }
  }

  private async forward(
    host: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const path = String(request.url);
    const [proxy] = this.at(host)
      .filter(({ origin }) => path.startsWith(`${basePathOf(origin)}/`))
      .sort((one, other) => other.origin.length - one.origin.length);
    if (!proxy) return void response.writeHead(404).end();
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    try {
      const { host: _, ...headers } = endToEnd(request.headers);
      const url = new URL(proxy.behind + path.slice(basePathOf(proxy.origin).length));
      const answer = await this.network.request(url, {
        method: String(request.method),
        headers: headers as Record<string, string>,
        body: await buffer(request),
        signal: gone.signal,
      });
      response.writeHead(answer.status, endToEnd(answer.headers)).end(answer.body);
    } catch {
      response.writeHead(502).end();
    }
  }
}

function basePathOf(origin: string): string {
  return new URL(origin).pathname.replace(/\/$/, '');
}

/** Leaves out the headers that concern one connection only. */
function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const { connection, 'keep-alive': keepAlive, 'transfer-encoding': coding, ...rest } = headers;
  return rest;
}
