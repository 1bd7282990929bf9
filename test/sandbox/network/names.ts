import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isIPv6, SocketAddress } from 'node:net';
import { domainToASCII } from 'node:url';

/** The address of every known host name. RFC 5737 reserves it, so no machine has it. */
export const LOCAL_NETWORK_ADDRESS = '192.0.2.1';
const THIS_MACHINE = /^(localhost|.*\.localhost|127\..*|0\.0\.0\.0|::1?)$/;

/**
 * Writes the sandbox's `/etc/hosts`, with hosts `<name>[:<port>]`. Child processes read it on each lookup, so it may
 * change while they run.
 *
 * @param refused hosts `<canonical name>:<port>` that they must not reach, which get the address 0.0.0.0
 */
export function writeHostsFile(
  path: string,
  hosts: Iterable<string>,
  refused: Iterable<string> = [],
): void {
  // The file is renamed into place, because a child must never read half of it.
  writeFileSync(
    `${path}.next`,
    [
      ...[...hosts].map((host) => `${LOCAL_NETWORK_ADDRESS} ${host}\n`),
      ...[...refused].map((host) => `0.0.0.0 ${host}\n`),
    ].join(''),
  );
  renameSync(`${path}.next`, path);
}

/** Returns the one spelling of a host's name or address: lower case, ASCII, without the dot that may end a name. */
export function canonicalHost(host: string): string {
  if (!isIPv6(host)) return (domainToASCII(host) || host.toLowerCase()).replace(/\.$/, '');
  const [address = ''] = host.split('%');
  // An IPv4 address may be written in the form of the newer ones.
  return new SocketAddress({ address, family: 'ipv6' }).address.replace(/^::ffff:(?=\d+\.)/, '');
}

/** Returns whether a canonical host name is known, on a port if one is given. */
export function isListed(path: string, name: string, port?: number): boolean {
  const line = `${LOCAL_NETWORK_ADDRESS} ${name}`;
  const lines = readFileSync(path, 'utf8').split('\n');
  if (port === undefined) return lines.some((one) => one === line || one.startsWith(`${line}:`));
  return lines.includes(port === 443 ? line : `${line}:${port}`);
}

/** Returns whether a canonical name or address is this machine's own. */
export function isThisMachine(host: string): boolean {
  return THIS_MACHINE.test(host);
}

/** Returns whether a canonical host must not be reached on a port, by any of its names if it is this machine. */
export function isRefused(path: string, host: string, port: number): boolean {
  return readFileSync(path, 'utf8')
    .split('\n')
    .some((line) => {
      const [, name = '', refusedPort] = /^0\.0\.0\.0 (.*):(\d+)$/.exec(line) ?? [];
      const isSame = name === host || (isThisMachine(name) && isThisMachine(host));
      return isSame && Number(refusedPort) === port;
    });
}

/** Explains why a server of the Bot API is not reachable. */
export function explainRefused(host: string): string {
  return (
    `${host} is not reachable: with --live, the bot calls https://api.telegram.org, and npm start passes its calls on ` +
    'to this server'
  );
}

/** Creates the error of a failed lookup, as Node's own resolvers do. */
export function hostNotFound(syscall: 'getaddrinfo' | 'queryA', hostname: string): Error {
  const message = `${syscall} ENOTFOUND ${hostname}`;
  return Object.assign(new Error(message), { code: 'ENOTFOUND', syscall, hostname });
}

/** What the sandbox serves in the regions that an app uses. No such request leaves this machine, from any region. */
const SERVED =
  /^(?:[\w-]+\.execute-api|sqs|lambda|secretsmanager|dynamodb|ssm|sts|cloudformation)\.[\w-]+\.amazonaws\.com$/;
const AWS_SERVICE = /^(.+?)(?:\.[a-z]{2}(?:-[a-z]+)+-\d)?\.(?:amazonaws\.com|api\.aws)$/;

/** Returns whether a host is the sandbox's even when it is not served: a function never reaches the real one. */
export function isReserved(name: string): boolean {
  return name === 'api.telegram.org' || SERVED.test(name);
}

/** Explains, in lenient mode, why a host is not reachable, and the way on. */
export function explainUnreachable(host: string, isOnline: boolean): string {
  const start = `${host} is not reachable:`;
  if (host.includes('.execute-api.')) return `${start} no HTTP API has this name`;
  if (isReserved(host)) {
    return `${start} the sandbox serves it only in the regions of the app's stacks`;
  }
  if (isOnline) return `${start} such addresses hand out credentials of this machine`;
  const [, label] = AWS_SERVICE.exec(host) ?? [];
  const wayOut = 'npm start -- --online lets the bot reach';
  if (label === undefined) return `${start} npm start is offline; ${wayOut} the internet`;
  const service = label.endsWith('.s3') ? 's3' : label;
  return `${start} the sandbox does not emulate the AWS service ${service}; ${wayOut} it, with credentials of its own`;
}

/** Creates the error of a refused connection, as Node does. */
export function connectionRefused(address: string, port: number): Error {
  const message = `connect ECONNREFUSED ${address}:${port}`;
  return Object.assign(new Error(message), {
    code: 'ECONNREFUSED',
    syscall: 'connect',
    address,
    port,
  });
}
