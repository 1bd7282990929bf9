import type { Network } from '../network/network.ts';
import { parseFilter } from './filter-pattern.ts';
import type { Iam } from './iam.ts';
import { type ApiOperation, type ServiceCall, serveJsonRpc } from './json-api.ts';
import { groupArn, groupOfArn, type LogEvent, type Logs } from './logs.ts';
import { ServiceError } from './service-error.ts';

/** Serves `FilterLogEvents` and `DescribeLogGroups`. */
export function serveLogs(
  { network, iam, logs }: { network: Pick<Network, 'serve'>; iam: Iam; logs: Logs },
  region: string,
): void {
  const operations: Readonly<Record<string, ApiOperation>> = {
    FilterLogEvents: {
      parameters: [
        'logGroupName',
        'logGroupIdentifier',
        'startTime',
        'endTime',
        'filterPattern',
        'limit',
        'nextToken',
      ],
      resource: ({ input, location }) => groupArn(groupName(input), location),
      run({ input, location }) {
        const { startTime = 0, endTime = Number.POSITIVE_INFINITY, filterPattern } = input;
        const matches = parseFilter(filterPattern);
        const found = logs
          .events(groupName(input), location)
          .filter(({ time }) => time >= startTime && time <= endTime)
          .filter(({ line }) => matches(line));
        const { page, nextToken } = paged(found, input, 10_000);
        return { events: page.map(asLogsWritesIt), searchedLogStreams: [], nextToken };
      },
    },
    DescribeLogGroups: {
      parameters: ['logGroupNamePrefix', 'limit', 'nextToken'],
      resource: ({ location }) => groupArn('*', location),
      run({ input, location }) {
        const { logGroupNamePrefix: prefix = '' } = input;
        const found = logs.list(location).filter(({ name }) => name.startsWith(prefix));
        const { page, nextToken } = paged(found, input, 50);
        const logGroups = page.map(({ arn, name, retentionInDays, createdAt }) => ({
          logGroupName: name,
          arn,
          logGroupArn: arn.replace(/:\*$/, ''),
          creationTime: createdAt,
          retentionInDays,
        }));
        return { logGroups, nextToken };
      },
    },
  };
  serveJsonRpc({ network, iam, service: 'logs', region, operations });
}

/** Reads which group a request is about: its name, or its name or ARN as `logGroupIdentifier`. */
function groupName({ logGroupName, logGroupIdentifier }: ServiceCall['input']): string {
  const given = logGroupName ?? logGroupIdentifier;
  const isOne = (logGroupName === undefined) !== (logGroupIdentifier === undefined);
  if (typeof given !== 'string' || !isOne) {
    throw invalid('Exactly one of logGroupName and logGroupIdentifier must be given');
  }
  return given.startsWith('arn:') ? groupOfArn(given) : given;
}

/** Returns the page that a token leads to, and the token of the next one. */
function paged<T>(
  all: readonly T[],
  { limit, nextToken }: ServiceCall['input'],
  most: number,
): { page: readonly T[]; nextToken?: string } {
  const size = limit ?? most;
  if (!(size >= 1 && size <= most)) throw invalid(`limit must be 1 to ${most}, got ${limit}`);
  const start = nextToken === undefined ? 0 : Number(nextToken);
  if (!Number.isInteger(start)) throw invalid('The specified nextToken is invalid.');
  const end = start + size;
  return { page: all.slice(start, end), nextToken: end < all.length ? String(end) : undefined };
}

function asLogsWritesIt({ stream, line, id, time }: LogEvent): object {
  const eventId = String(id).padStart(56, '0');
  return { logStreamName: stream, timestamp: time, message: line, ingestionTime: time, eventId };
}

function invalid(message: string): ServiceError {
  return new ServiceError('InvalidParameterException', message);
}
