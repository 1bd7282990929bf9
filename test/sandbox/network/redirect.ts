/**
 * Preloaded into child processes (`node --require`). The code there speaks to `https://<host>` and
 * runs unchanged; this leads port 443 of every host that the network knows to the network. Any other name
 * is not found and any other address is refused, this machine's own apart: the sandbox is offline.
 *
 * `net.Socket.prototype.connect` is the one place that `fetch`, `node:https` and with it the AWS
 * SDK all pass on their way out.
 */
import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import { isIP, Socket, type TcpSocketConnectOpts } from 'node:net';
import { promisify } from 'node:util';
import { connectionRefused, hostNotFound, isListed, LOCAL_NETWORK_ADDRESS } from './names.ts';

const networkPort = Number(process.env.SANDBOX_NETWORK_PORT);
const hostsFile = String(process.env.SANDBOX_HOSTS_FILE);
const LOOPBACK = '127.0.0.1';

type Callback = (error: Error | null, ...results: unknown[]) => void;

redirectConnections();
replaceLookups();

function addressOf(host: string): string | undefined {
  if (isIP(host)) return host;
  if (host === 'localhost') return LOOPBACK;
  return isListed(hostsFile, host) ? LOCAL_NETWORK_ADDRESS : undefined;
}

function redirectConnections(): void {
  const connect = Socket.prototype.connect as (this: Socket, ...args: unknown[]) => Socket;

  function connectOffline(this: Socket, ...args: unknown[]): Socket {
    const { options, callback } = connectArguments(args);
    if (!options) return connect.apply(this, args);
    const host = options.host ?? 'localhost';
    const address = addressOf(host);
    if (address === LOOPBACK || address === '::1') return connect.apply(this, args);
    if (address === LOCAL_NETWORK_ADDRESS && options.port === 443) {
      return connect.call(this, { ...options, host: LOOPBACK, port: networkPort }, callback);
    }
    const error = address
      ? connectionRefused(address, options.port)
      : hostNotFound('getaddrinfo', host);
    process.nextTick(() => this.destroy(error));
    return this;
  }

  Socket.prototype.connect = connectOffline as typeof Socket.prototype.connect;
}

/** What `connect` was called with; without options when it is about a Unix socket. */
function connectArguments(args: unknown[]): {
  options?: TcpSocketConnectOpts;
  callback?: () => void;
} {
  // `net.connect` hands on its arguments as one array.
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
  // Whatever is not replaced below (other record types) must not reach a real name server.
  dns.setServers([`${LOOPBACK}:1`]);
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
  // `import { lookup } from 'node:dns/promises'` is to see the same.
  syncBuiltinESMExports();
}

async function lookup(host: string, options: unknown) {
  const address = addressOf(host);
  if (!address) throw hostNotFound('getaddrinfo', host);
  const found = { address, family: isIP(address) };
  return (options as dns.LookupOptions | undefined)?.all ? [found] : found;
}

async function resolve4(host: string) {
  const address = addressOf(host);
  if (!address) throw hostNotFound('queryA', host);
  return [address];
}
