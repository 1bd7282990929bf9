import { BlockList, isIPv4 } from 'node:net';
import { Token, Validations } from 'aws-cdk-lib';
import type { IHttpApi, ThrottleSettings } from 'aws-cdk-lib/aws-apigatewayv2';
import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { IHostedZone } from 'aws-cdk-lib/aws-route53';
import type { Construct } from 'constructs';
import { RESERVED_NETWORKS } from '../../functions/contract.ts';
import { parseUrl } from './checks.ts';

export interface HttpApiOptions {
  /**
   * A domain of your own for the bot's API, whose default domain is then disabled.
   *
   * @default - `<api id>.execute-api.<region>.amazonaws.com`
   */
  readonly domain?: EndpointDomain;

  /**
   * An API of your own, which several bots may share: each adds one route to it, `POST [/<basePath>]/<secret path>`.
   * The stage is yours, and so are its throttle and its access log, whose format should leave out path and route.
   * The alarm on the gateway's errors is left out, because an API counts those of all its routes together: the watch
   * notices a bot that fails.
   *
   * @default - each bot has its own API
   */
  readonly api?: IHttpApi;

  /**
   * What the URL's path begins with, without a slash at either end: `bots/sales`. With `domain` it is the key of the
   * API mapping, so that other APIs may share the domain; else it is part of the route.
   *
   * @default - the secret path follows the host
   */
  readonly basePath?: string;
}

export interface EndpointDomain {
  /** The domain's name, `bot.example.com`, which no other API Gateway API has in this region. */
  readonly name: string;
  /** A certificate of AWS Certificate Manager for the name, in the stack's region. */
  readonly certificate: ICertificate;
  /**
   * The hosted zone in Route 53 that gets an alias record for the name.
   *
   * Without it, point DNS at `endpoint.domainName.regionalDomainName` (output `EndpointDnsTarget`) yourself. The first
   * deploy waits for that for some minutes. If it fails, `cdk deploy --no-rollback` keeps the domain, whose target the
   * API Gateway console shows; then deploy again.
   *
   * @default - no record
   */
  readonly hostedZone?: IHostedZone;
}

export interface ProxyOptions {
  /**
   * The beginning of the URL that Telegram delivers to: `https://bot.example.com`, with a port (443, 80, 88 or 8443)
   * and a base path if there are any. The secret path follows.
   */
  readonly origin: string;

  /**
   * The endpoint that the proxy forwards to.
   *
   * @default Endpoint.httpApi()
   */
  readonly behind?: Endpoint;
}

/** What receives Telegram's requests for the bot's function. */
export type EndpointKind =
  | {
      readonly type: 'own-api';
      readonly domain?: EndpointDomain;
      readonly basePath?: string;
    }
  | { readonly type: 'shared-api'; readonly api: IHttpApi; readonly basePath?: string }
  | { readonly type: 'function-url' };

/**
 * Where Telegram delivers a bot's updates. Another endpoint is registered before the previous one is deleted, so a
 * change loses no update.
 *
 * @example
 * const domain = { name: 'bot.example.com', certificate, hostedZone };
 * new TelegramBot(this, 'Bot', { token, endpoint: Endpoint.httpApi({ domain }) });
 */
export class Endpoint {
  /**
   * An HTTP API of API Gateway, the bot's own or one that you give. The gateway itself refuses requests with another
   * path or method, without an invocation.
   *
   * @throws Error that shows the value, what is allowed, and the fix
   */
  static httpApi({ domain, api, basePath }: HttpApiOptions = {}): Endpoint {
    if (basePath !== undefined) checkBasePath(basePath);
    if (!api) {
      if (domain) checkDomain(domain);
      return new Endpoint({ type: 'own-api', domain, basePath });
    }
    if (domain) {
      throw new Error(
        "domain is for the bot's own API: map the domain to your api with its own mapping, and tell Telegram by " +
          `Endpoint.of({ origin: 'https://${domain.name}', behind: Endpoint.httpApi({ api }) })`,
      );
    }
    // Not only for JavaScript: an API of another kind may come from a cast.
    if (!api.isHttpApi) {
      throw new Error(
        'api must be an HTTP API (HttpApi), because WebSocket and REST APIs have other routes and events',
      );
    }
    return new Endpoint({ type: 'shared-api', api, basePath });
  }

  /**
   * A Function URL: no API Gateway, so no charge for requests, and no access log. Telegram costs about 0.43 instead of
   * 1.59 dollars for a million updates.
   *
   * It has one and a half locks: a stranger's request with a wrong path is refused like any other, but by the receiver
   * (404, before the secret is looked at), so **every request of a stranger is an invocation that you pay**. There is
   * no `throttle`: limit the concurrency (`function.reservedConcurrentExecutions`; behind a queue that of
   * `endpoint.receiver`, the ingress). Lambda then answers 429 to the rest, and Telegram delivers those again later.
   *
   * @example
   * new TelegramBot(this, 'Bot', { token, endpoint: Endpoint.functionUrl() });
   */
  static functionUrl(): Endpoint {
    return new Endpoint({ type: 'function-url' });
  }

  /**
   * A proxy of your own (a CDN, a firewall, a server with a fixed address) in front of another endpoint. Telegram is
   * told `origin`; the proxy forwards `POST <origin>/<secret path>` to `<url of the endpoint behind>/<secret path>`,
   * with the header `X-Telegram-Bot-Api-Secret-Token`, the body as it is, and the status, headers and body of the
   * response. It must not redirect or ask questions. The URL behind is `endpoint.proxyTarget` (output `ProxyTarget`);
   * a base path that the proxy does not remove is the `basePath` of `httpApi`.
   *
   * `ipAddress` and `certificate` exist for such a proxy: its fixed address, and its self-signed certificate.
   *
   * @throws Error that shows the origin, and what Telegram allows
   *
   * @example
   * const endpoint = Endpoint.of({ origin: 'https://bot.example.com:8443' });
   * new TelegramBot(this, 'Bot', { token, endpoint, certificate: 'proxy.pem' });
   */
  static of({ origin, behind = Endpoint.httpApi() }: ProxyOptions): Endpoint {
    if (behind.origin !== undefined) {
      throw new Error(
        `behind must be Endpoint.httpApi() or Endpoint.functionUrl(), not another proxy (${behind.origin}): ` +
          'Telegram only knows the first one',
      );
    }
    return new Endpoint(behind.kind, baseOf(origin));
  }

  readonly kind: EndpointKind;
  /** Base of the webhook's URL, if it is a proxy's. */
  readonly origin?: string;

  private constructor(kind: EndpointKind, origin?: string) {
    this.kind = kind;
    this.origin = origin;
  }
}

/** Returns the base of a URL below an origin. */
export function withBasePath(origin: string, basePath: string | undefined): string {
  return basePath === undefined ? origin : `${origin}/${basePath}`;
}

/**
 * Checks that the settings of a bot suit its endpoint.
 *
 * @throws Error that names the setting and the fix
 */
export function checkEndpoint({ kind }: Endpoint, throttle: ThrottleSettings | undefined): void {
  if (!throttle || kind.type === 'own-api') return;
  throw new Error(
    kind.type === 'shared-api'
      ? "throttle belongs to the stage of the API that you give: omit it, and set the stage's own throttle"
      : 'throttle belongs to API Gateway, and a Function URL has none: omit it, and limit the concurrency of the function ' +
          'with the URL (function.reservedConcurrentExecutions; behind a queue that of endpoint.receiver)',
  );
}

/** Warns about settings that only a proxy needs, for a bot without one. */
export function warnWithoutProxy(
  scope: Construct,
  { kind, origin }: Endpoint,
  { ipAddress, certificate }: { readonly ipAddress?: string; readonly certificate?: string },
): void {
  if (origin !== undefined) return;
  const service = kind.type === 'function-url' ? 'Lambda' : 'API Gateway';
  const fix = "or declare your proxy: endpoint: Endpoint.of({ origin: 'https://<its host>' })";
  if (ipAddress !== undefined) {
    Validations.of(scope).addWarning(
      'telegram-webhook-kit:fixedAddress',
      `Telegram will always connect to ${ipAddress}, but ${service} changes its addresses at any time: omit ` +
        `ipAddress, ${fix}`,
    );
  }
  if (certificate !== undefined) {
    Validations.of(scope).addWarning(
      'telegram-webhook-kit:ownCertificate',
      `Telegram will trust only ${certificate}, but ${service} has a certificate of Amazon's: omit certificate, ${fix}`,
    );
  }
}

/** API Gateway's limit for the key of a mapping. */
const LONGEST_BASE_PATH = 300;

/** Parts of letters, digits, `_`, `-` and `.`: what neither API Gateway nor Telegram spells in another way. */
const BASE_PATH = /^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/;

function checkBasePath(value: string): void {
  if (Token.isUnresolved(value)) {
    throw new Error(
      'basePath must be known at synth, because a change of it creates another route',
    );
  }
  if (value.length <= LONGEST_BASE_PATH && BASE_PATH.test(value)) return;
  throw new Error(
    `basePath must be at most ${LONGEST_BASE_PATH} letters, digits, _, - and . in parts between slashes, without a ` +
      `slash at either end, such as bots/sales; got ${JSON.stringify(value)}`,
  );
}

/** Labels of up to 63 characters, two at least. */
const DOMAIN_NAME = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/;
const LONGEST_NAME = 253;

function checkDomain({ name, hostedZone }: EndpointDomain): void {
  if (Token.isUnresolved(name)) return;
  if (!DOMAIN_NAME.test(name) || name.length > LONGEST_NAME) {
    throw new Error(
      `domain.name must be the name of one host in lower case, such as bot.example.com, without https:// and ` +
        `wildcard; got ${JSON.stringify(name)}`,
    );
  }
  if (!hostedZone || Token.isUnresolved(hostedZone.zoneName)) return;
  const zone = hostedZone.zoneName.replace(/\.$/, '');
  if (name === zone || name.endsWith(`.${zone}`)) return;
  throw new Error(
    `domain.name must be in the hosted zone ${zone}, got ${name}: give the zone of that name`,
  );
}

const reserved = new BlockList();
for (const [network, prefix] of RESERVED_NETWORKS) reserved.addSubnet(network, prefix);

/** Telegram's ports; empty for 443, which a URL leaves out. */
const PORTS = ['', '80', '88', '8443'];

/** Checks an origin, and returns it as Telegram will spell it. */
function baseOf(value: string): string {
  if (Token.isUnresolved(value)) return value;
  const url = parseUrl(value);
  if (url?.protocol !== 'https:' || url.username || url.password || url.search || url.hash) {
    throw new Error(
      'origin must be an https URL without credentials and query, such as https://bot.example.com; got ' +
        `${url ? `${url.protocol}//${url.host}${url.pathname}` : JSON.stringify(value)}`,
    );
  }
  if (!PORTS.includes(url.port)) {
    throw new Error(
      `origin must have port 443, 80, 88 or 8443, the only ones that Telegram uses; got ${url.port}`,
    );
  }
  const { hostname } = url;
  if (hostname.startsWith('[')) {
    throw new Error(
      `origin must have a host name or an IPv4 address, because Telegram does not use IPv6; got ${hostname}`,
    );
  }
  if (isIPv4(hostname) ? reserved.check(hostname) : !DOMAIN_NAME.test(hostname)) {
    throw new Error(
      `origin must have a host that Telegram can reach from the Internet, got ${hostname}`,
    );
  }
  const base = url.href.replace(/\/$/, '');
  const path = url.pathname.replace(/\/$/, '').slice(1);
  if (path === '' || BASE_PATH.test(path)) return base;
  throw new Error(
    `The path of origin must be letters, digits, _, - and . in parts between slashes, got /${path}`,
  );
}
