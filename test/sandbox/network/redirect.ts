/**
 * Preloaded into child processes (`node --require`). Their code connects to `https://<host>` and runs
 * unchanged; this module redirects the port of every host that the local network serves to the local
 * network. Any other name is not found, and any other address except this machine's own is refused: the
 * sandbox is offline, unless it was started with `online`.
 *
 * `net.Socket.prototype.connect` is the one place that `fetch`, `node:https` and therefore the AWS SDK
 * all pass through on their way out.
 */
import dns from 'node:dns';
import { appendFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { isIP, Socket, type TcpSocketConnectOpts } from 'node:net';
import { promisify } from 'node:util';
import {
  canonicalHost,
  connectionRefused,
  explainRefused,
  explainUnreachable,
  hostNotFound,
  isListed,
  isRefused,
  isReserved,
  isThisMachine,
  LOCAL_NETWORK_ADDRESS,
} from './names.ts';

const networkPort = Number(process.env.SANDBOX_NETWORK_PORT);
const hostsFile = String(process.env.SANDBOX_HOSTS_FILE);
/** The file that names the hosts which could not be reached, in lenient mode. */
const unreachableFile = process.env.SANDBOX_UNREACHABLE_FILE;
const isOnline = process.env.SANDBOX_ONLINE === 'true';
const LOOPBACK = '127.0.0.1';
/** Link-local addresses, under which a cloud's machines hand out credentials. */
const METADATA = /^(169\.254\.|fe80:|fd00:ec2:)/;

interface TlsName {
  readonly servername?: string;
}

type Callback = (error: Error | null, ...results: unknown[]) => void;

/** The real lookups, before they are replaced. */
const outside = { lookup: dns.promises.lookup, resolve4: dns.promises.resolve4 };

redirectConnections();
replaceLookups();

/** Returns whether a host is not the sandbox's business. */
function isOutside(host: string): boolean {
  if (!isOnline || isReserved(host) || METADATA.test(host)) return false;
  return isIP(host) ? host !== LOCAL_NETWORK_ADDRESS : !isListed(hostsFile, host);
}

/** Puts the explanation into an error, and reports it. */
function unreachable(error: Error, explanation: string): Error {
  if (unreachableFile === undefined) return error;
  appendFileSync(unreachableFile, `${explanation}\n`);
  error.message = explanation;
  return error;
}

function notFound(syscall: 'getaddrinfo' | 'queryA', host: string): Error {
  return unreachable(hostNotFound(syscall, host), explainUnreachable(host, isOnline));
}

function addressOf(host: string): string | undefined {
  if (isIP(host)) return host;
  if (host === 'localhost') return LOOPBACK;
  return isListed(hostsFile, host) ? LOCAL_NETWORK_ADDRESS : undefined;
}

/** A client that has looked the host up itself names its address, which all hosts share. */
function isServed(host: string, port: number): boolean {
  return host === LOCAL_NETWORK_ADDRESS ? port === 443 : isListed(hostsFile, host, port);
}

function redirectConnections(): void {
  const connect = Socket.prototype.connect as (this: Socket, ...args: unknown[]) => Socket;

  function connectOffline(this: Socket, ...args: unknown[]): Socket {
    const { options, callback } = connectArguments(args);
    if (!options) return connect.apply(this, args);
    const host = hostOf(options);
    const address = addressOf(host);
    const fail = (error: Error, explanation: string) => {
      process.nextTick(() => this.destroy(unreachable(error, explanation)));
      return this;
    };
    if (isRefused(hostsFile, host, options.port)) {
      return fail(connectionRefused(address ?? host, options.port), explainRefused(host));
    }
    if (address === LOOPBACK || address === '::1' || isOutside(host)) {
      return connect.apply(this, args);
    }
    if (address === LOCAL_NETWORK_ADDRESS && isServed(host, options.port)) {
      return connect.call(this, { ...options, host: LOOPBACK, port: networkPort }, callback);
    }
    const error = address
      ? connectionRefused(address, options.port)
      : hostNotFound('getaddrinfo', host);
    return fail(error, explainUnreachable(host, isOnline));
  }

  Socket.prototype.connect = connectOffline as typeof Socket.prototype.connect;
}

/** Returns the host that a connection is for. One to an address elsewhere may name a host in the handshake of TLS. */
function hostOf({ host = 'localhost', servername = '' }: TcpSocketConnectOpts & TlsName): string {
  const [target, name] = [canonicalHost(host), canonicalHost(servername)];
  if (isThisMachine(target)) return target;
  return isListed(hostsFile, name) || isReserved(name) ? name : target;
}

/** Returns the options and the callback that `connect` was called with, or nothing for a Unix socket. */
function connectArguments(args: unknown[]): {
  options?: TcpSocketConnectOpts;
  callback?: () => void;
} {
  // `net.connect` passes its arguments on as one array.
  const [target, ...rest] = Array.isArray(args[0]) ? args[0] : args;
  const callback = rest.find((argument) => typeof argument === 'function');
  if (typeof target === 'object') {
    if (target.path) return {};
    return { options: { ...target, port: Number(target.port) }, callback };
  }
  if (Number.isNaN(Number(target))) return {};
  const host = typeof rest[0] === 'string' ? rest[0] : undefined;
  return { options: { port: Number(target), host }, callback };
}

function replaceLookups(): void {
  // Lookups that are not replaced below (other record types) must not reach a real name server.
  if (!isOnline) dns.setServers([`${LOOPBACK}:1`]);
  const lookupLater = (host: string, ...rest: unknown[]) => {
    const callback = rest.pop() as Callback;
    lookup(host, rest[0]).then(
      (found) =>
        process.nextTick(
          callback,
          null,
          ...(Array.isArray(found) ? [found] : [found.address, found.family]),
        ),
      (error) => process.nextTick(callback, error),
    );
  };
  const resolve4Later = (host: string, ...rest: unknown[]) => {
    const callback = rest.pop() as Callback;
    resolve4(host).then(
      (found) => process.nextTick(callback, null, found),
      (error) => process.nextTick(callback, error),
    );
  };
  Object.assign(lookupLater, { [promisify.custom]: lookup });
  Object.assign(dns, { lookup: lookupLater, resolve4: resolve4Later });
  Object.assign(dns.promises, { lookup, resolve4 });
  // `import { lookup } from 'node:dns/promises'` must see the replacements too.
  syncBuiltinESMExports();
}

async function lookup(name: string, options: unknown) {
  const host = canonicalHost(name);
  if (isOutside(host)) {
    const found = await outside.lookup(host, options as dns.LookupOptions);
    return withoutMetadata(host, found);
  }
  const address = addressOf(host);
  if (!address) throw notFound('getaddrinfo', host);
  const found = { address, family: isIP(address) };
  return (options as dns.LookupOptions | undefined)?.all ? [found] : found;
}

async function resolve4(name: string) {
  const host = canonicalHost(name);
  if (isOutside(host)) return withoutMetadata(host, await outside.resolve4(host));
  const address = addressOf(host);
  if (!address) throw notFound('queryA', host);
  return [address];
}

/** Returns what a lookup found. @throws Error for a name that leads to credentials of this machine */
function withoutMetadata<T>(host: string, found: T): T {
  const addresses = [found].flat().map((item) => (item as dns.LookupAddress).address ?? item);
  if (!addresses.some((address) => METADATA.test(canonicalHost(String(address))))) return found;
  throw notFound('getaddrinfo', host);
}
