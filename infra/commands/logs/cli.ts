/** `npm run logs`: prints the logs of the deployed bots, merged by time. */
import { parseArgs } from 'node:util';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { withHint } from '../aws-hints.ts';
import { clientOptions } from '../client-options.ts';
import { findBots } from '../deployed-bots/find-bots.ts';
import { botAccessUsage, botOptions, botOptionsUsage } from '../deployed-bots/options.ts';
import { ExitCode, endWithReader, exitCodesUsage, runMain } from '../run-main.ts';
import { follow, readOnce } from './follow.ts';
import { dayOf, layOutEvent } from './layout-line.ts';
import { tailLive } from './live-tail.ts';
import { type LoggedEvent, LogTail } from './log-tail.ts';
import { readEvent } from './readable.ts';
import { parseSince } from './since.ts';
import { type LogSource, logSources } from './sources.ts';

const usage = `npm run logs [-- --follow] [--since 1h] [--grep TEXT]

Prints what the bot, its ingress, the gateway and the registrar have logged, merged by time, one line an event.
  --follow       goes on with new events until Ctrl-C
  --since TIME   begins 90s, 15m, 1h (default; 10m with --follow) or 2d ago, or at 2027-03-01T12:00 local time
  --grep TEXT    only events that contain TEXT, in any case
  --verbose      also Lambda's lines about each invocation, healthy watches, metrics, the CDK's provider framework
  --json         one JSON object a line: time, bot's log, log group and the message as it was logged
${botOptionsUsage}

${botAccessUsage}, logs:FilterLogEvents
on the log groups and, for --follow to be quicker than two seconds, logs:StartLiveTail, which costs $0.01 a minute after
30 hours a month.

${exitCodesUsage}`;

interface PrintOptions {
  readonly grep?: string;
  readonly json: boolean;
  readonly verbose: boolean;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      ...botOptions,
      follow: { type: 'boolean', short: 'f', default: false },
      since: { type: 'string' },
      grep: { type: 'string' },
      json: { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const isFollowing = values.follow;
  const since = parseSince(values.since ?? (isFollowing ? '10m' : '1h'), Date.now());
  const interruption = new AbortController();
  process.once('SIGINT', () => interruption.abort());
  // The reader of a pipe may have seen enough: `npm run logs | head`.
  process.stdout.once('error', () => process.exit(0));
  const { bots, problems } = await findBots(values);
  for (const problem of problems) console.error(problem);
  const sources = logSources(bots);
  const clients = new Map(
    sources.map(({ region }) => [region, new CloudWatchLogsClient(clientOptions(region))] as const),
  );
  const clientOf = ({ region }: LogSource) =>
    clients.get(region) ?? new CloudWatchLogsClient(clientOptions());
  const tails = sources.map((source) => new LogTail(clientOf(source), source, since));
  let printed = 0;
  const unreadable = new Set<LogTail>();
  const print = printer(sources, values);
  const options = {
    signal: interruption.signal,
    onEvent: (event: LoggedEvent) => {
      if (print(event)) printed += 1;
    },
    onProblem: (tail: LogTail, error: Error) => {
      console.error(`Log group ${tail.source.group} cannot be read: ${withHint(error)}`);
      if (PASSING.test(error.name)) return;
      unreadable.add(tail);
      // Nothing is left to follow.
      if (unreadable.size === tails.length) interruption.abort();
    },
  };
  if (isFollowing) {
    const live = (onEvents: (events: readonly LoggedEvent[]) => void) =>
      Promise.all(
        [...clients].map(([region, client]) => {
          const ofRegion = tails.filter(({ source }) => source.region === region);
          return tailLive(client, ofRegion, { signal: interruption.signal, onEvents });
        }),
      ).then(() => {});
    await follow(tails, { ...options, live });
    return unreadable.size === tails.length ? ExitCode.failed : 0;
  }
  await readOnce(tails, options);
  if (printed === 0 && unreadable.size === 0) {
    console.error(`No events since ${new Date(since).toLocaleString()}.`);
  }
  if (unreadable.size > 0 || problems.length > 0) return ExitCode.failed;
  return interruption.signal.aborted ? ExitCode.interrupted : 0;
}

/** Errors of AWS and of the network that the next read may not meet. */
const PASSING = /Throttl|TooManyRequests|ServiceUnavailable|InternalFailure|Timeout|^Error$/;

/** Returns what prints an event, and returns whether it did. */
function printer(
  sources: readonly LogSource[],
  { grep, json, verbose }: PrintOptions,
): (event: LoggedEvent) => boolean {
  const layout = {
    isColoured: process.stdout.isTTY && !process.env.NO_COLOR,
    labelWidth: Math.max(0, ...sources.map(({ label }) => label.length)),
  };
  const wanted = grep?.toLowerCase();
  const matches = (text: string) => wanted === undefined || text.toLowerCase().includes(wanted);
  let day = dayOf(Date.now());
  return (event) => {
    const { source, timestamp, message } = event;
    if (json) {
      if (!matches(message)) return false;
      const time = new Date(timestamp).toISOString();
      console.log(JSON.stringify({ time, log: source.label, group: source.group, message }));
      return true;
    }
    const readable = readEvent(message);
    if (readable.isRoutine && !verbose) return false;
    if (!matches(readable.text)) return false;
    if (dayOf(timestamp) !== day) {
      day = dayOf(timestamp);
      console.log(day);
    }
    console.log(layOutEvent(event, readable, layout));
    return true;
  };
}

endWithReader();
process.exitCode = await runMain(main);
