import type { Network } from '../network/network.ts';
import { locationOf } from './account.ts';
import type { Iam } from './iam.ts';
import { serveQuery } from './query-api.ts';

/** Serves STS's `GetCallerIdentity`, which tells every caller who it is. */
export function serveSts(
  { network, iam }: { network: Pick<Network, 'serve'>; iam: Iam },
  region: string,
): void {
  const operations = {
    GetCallerIdentity: {
      parameters: [],
      needsNoPermission: true,
      run: ({ caller: { arn, roleArn } }: { caller: { arn: string; roleArn: string } }) => ({
        UserId: arn.split('/').slice(1).join(':'),
        Account: locationOf(roleArn).account,
        Arn: arn,
      }),
    },
  };
  serveQuery({ network, iam, service: 'sts', version: '2011-06-15', region, operations });
}
