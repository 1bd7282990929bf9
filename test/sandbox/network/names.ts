import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/** Where every known name points: an address of RFC 5737, which no machine has. */
export const LOCAL_NETWORK_ADDRESS = '192.0.2.1';

/**
 * The sandbox's `/etc/hosts`: child processes read it at each look-up, so it may change as they
 * run.
 */
export function writeHostsFile(path: string, hosts: Iterable<string>): void {
  // Renamed into place: a child must never read half a file.
  writeFileSync(
    `${path}.next`,
    [...hosts].map((host) => `${LOCAL_NETWORK_ADDRESS} ${host}\n`).join(''),
  );
  renameSync(`${path}.next`, path);
}

export function isListed(path: string, host: string): boolean {
  return readFileSync(path, 'utf8')
    .split('\n')
    .includes(`${LOCAL_NETWORK_ADDRESS} ${host.toLowerCase()}`);
}

/** The error of a failed look-up, as Node's own resolvers make it. */
export function hostNotFound(syscall: 'getaddrinfo' | 'queryA', hostname: string): Error {
  const message = `${syscall} ENOTFOUND ${hostname}`;
  return Object.assign(new Error(message), { code: 'ENOTFOUND', syscall, hostname });
}

/** The error of a connection that nobody takes, as Node makes it. */
export function connectionRefused(address: string, port: number): Error {
  const message = `connect ECONNREFUSED ${address}:${port}`;
  return Object.assign(new Error(message), {
    code: 'ECONNREFUSED',
    syscall: 'connect',
    address,
    port,
  });
}
