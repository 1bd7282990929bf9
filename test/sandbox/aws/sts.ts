import type { Clock } from '../clock.ts';
import type { Network } from '../network/network.ts';
import { locationOf } from './account.ts';
import type { Iam } from './iam.ts';
import type { ApiOperation, ServiceCall } from './json-api.ts';
import { serveQuery } from './query-api.ts';
import { ServiceError } from './service-error.ts';

/** How long credentials may live, in seconds. A role that assumes another role gets at most an hour. */
const [SHORTEST, LONGEST] = [900, 3600];

/** Serves STS: who a caller is, and the credentials of roles that trust it. */
export function serveSts(
  { network, iam, clock }: { network: Pick<Network, 'serve'>; iam: Iam; clock: Clock },
  region: string,
): void {
  const operations: Record<string, ApiOperation> = {
    GetCallerIdentity: {
      parameters: [],
      needsNoPermission: true,
      run: ({ caller: { arn, roleArn } }) => ({
        UserId: arn.split('/').slice(1).join(':'),
        Account: locationOf(roleArn).account,
        Arn: arn,
      }),
    },
    AssumeRole: {
      parameters: ['RoleArn', 'RoleSessionName', 'DurationSeconds'],
      needsNoPermission: true,
      run: (call) => assumeRole(call, iam, clock),
    },
  };
  serveQuery({ network, iam, service: 'sts', version: '2011-06-15', region, operations });
}

function assumeRole({ input, caller }: ServiceCall, iam: Iam, clock: Clock): object {
  const { RoleArn = '', RoleSessionName = '', DurationSeconds = String(LONGEST) } = input;
  const isRole = /^arn:aws:iam::\d{12}:role\/[\w+=,.@/-]+$/.test(RoleArn);
  if (!isRole) throw invalid(`${RoleArn} is invalid`);
  if (!/^[\w+=,.@-]{2,64}$/.test(RoleSessionName)) {
    throw invalid(
      `1 validation error detected: Value '${RoleSessionName}' at 'roleSessionName' failed to satisfy constraint`,
    );
  }
  const seconds = Number(DurationSeconds);
  if (!(Number.isInteger(seconds) && seconds >= SHORTEST && seconds <= LONGEST)) {
    throw invalid(`DurationSeconds must be ${SHORTEST} to ${LONGEST}, got ${DurationSeconds}`);
  }
  // AWS answers the same for a role that does not exist.
  if (!iam.trustsRole(RoleArn, caller.roleArn)) {
    const message = `User: ${caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${RoleArn}`;
    throw new ServiceError('AccessDenied', message, 403);
  }
  const { accessKeyId, secretAccessKey, sessionToken } = iam.credentials(RoleArn, RoleSessionName);
  return {
    Credentials: {
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
      SessionToken: sessionToken,
      Expiration: new Date(clock.now() + seconds * 1000).toISOString(),
    },
    AssumedRoleUser: { Arn: iam.caller(accessKeyId, sessionToken)?.arn },
  };
}

function invalid(message: string): ServiceError {
  return new ServiceError('ValidationError', message);
}
