import { type CloudWatchLogsClient, StartLiveTailCommand } from '@aws-sdk/client-cloudwatch-logs';
import type { Counts, LoggedEvent, LogTail } from './log-tail.ts';

/** How many log groups a session takes. */
const MAX_GROUPS = 10;

/**
 * Passes on the events of log groups within a second of their arrival, until the signal is aborted. CloudWatch may leave
 * events out when there are many, and ends a session after three hours: the caller reads the groups too.
 *
 * @param tails log groups of one region
 * @returns when the session has ended or was refused
 */
export async function tailLive(
  client: CloudWatchLogsClient,
  tails: readonly LogTail[],
  { signal, onEvents }: { signal: AbortSignal; onEvents: (events: readonly LoggedEvent[]) => void },
): Promise<void> {
  const byArn = new Map(tails.slice(0, MAX_GROUPS).map((tail) => [tail.source.arn, tail]));
  const { responseStream } = await client.send(
    new StartLiveTailCommand({ logGroupIdentifiers: [...byArn.keys()] }),
    { abortSignal: signal },
  );
  const counts = new Map<LogTail, Counts>(tails.map((tail) => [tail, new Map()]));
  for await (const { sessionUpdate } of responseStream ?? []) {
    if (signal.aborted) return;
    for (const [tail, counted] of counts) tail.forget(counted);
    const events = (sessionUpdate?.sessionResults ?? []).flatMap((result): LoggedEvent[] => {
      const { logGroupIdentifier = '', logStreamName = '', message = '', timestamp = 0 } = result;
      const tail = byArn.get(logGroupIdentifier) ?? findByName(byArn, logGroupIdentifier);
      if (!tail) return [];
      const event = { source: tail.source, timestamp, stream: logStreamName, message };
      return tail.isNew(event, counts.get(tail) ?? new Map()) ? [event] : [];
    });
    if (events.length > 0) onEvents(events.sort((a, b) => a.timestamp - b.timestamp));
  }
}

/** Finds a log group by an identifier in AWS's other form, `<account>:<name>`. */
function findByName(tails: ReadonlyMap<string, LogTail>, identifier: string): LogTail | undefined {
  return [...tails.values()].find(({ source }) => identifier.endsWith(`:${source.group}`));
}
