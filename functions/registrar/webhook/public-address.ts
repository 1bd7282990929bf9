import { BlockList, isIPv4 } from 'node:net';
import { RESERVED_NETWORKS } from '../../contract.ts';

const reserved = new BlockList();
for (const [network, prefix] of RESERVED_NETWORKS) reserved.addSubnet(network, prefix);

/** Whether Telegram would connect to this address: it is IPv4, and not a reserved one. */
export function isPublicAddress(address: string): boolean {
  return isIPv4(address) && !reserved.check(address);
}
