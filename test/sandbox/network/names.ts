import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/** The address of every known host name. RFC 5737 reserves it, so no machine has it. */
export const LOCAL_NETWORK_ADDRESS = '192.0.2.1';

/**
 * Writes the sandbox's `/etc/hosts`. Child processes read it on each lookup, so it may change while
 * they run.
 */
export function writeHostsFile(path: string, hosts: Iterable<string>): void {
  // The file is renamed into place, because a child must never read half of it.
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

/** Creates the error of a failed lookup, as Node's own resolvers do. */
export function hostNotFound(syscall: 'getaddrinfo' | 'queryA', hostname: string): Error {
  const message = `${syscall} ENOTFOUND ${hostname}`;
  return Object.assign(new Error(message), { code: 'ENOTFOUND', syscall, hostname });
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
