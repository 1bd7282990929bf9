/** `npm run load`: sends thousands of updates through direct and queued delivery, with faults. */
import { parseArgs } from 'node:util';
import { Duration } from 'aws-cdk-lib';
import { type Load, type LoadReport, runLoad } from './run.ts';

const usage = `npm run load [-- --updates N] [--chats N] [--delivery direct|queued|both] [--calm]

Sends updates through Telegram's deliveries, the gateway, the functions and the queue of a deployed kit,
in real processes on this machine, while processes are killed, services answer 500, and the bot
sometimes throws or hangs.
  --updates N    how many updates (default 100000)
  --chats N      from how many chats (default 5000)
  --delivery X   which delivery to use (default both)
  --calm         inject no faults`;

const RAGE = {
  faultRates: { throws: 0.005, hangs: 0.0005, takesMs: 0 },
  outages: 0.002,
  killEvery: 50,
};
const CALM = { faultRates: { throws: 0, hangs: 0, takesMs: 0 }, outages: 0, killEvery: 0 };

const rows: [string, (report: LoadReport) => string][] = [
  ['updates answered', ({ answered }) => String(answered)],
  ['updates lost', ({ lost }) => String(lost)],
  ['answers out of order', ({ outOfOrder }) => String(outOfOrder)],
  ['answers of work that ran out of time', ({ late }) => String(late)],
  ['repeated answers', ({ repeated }) => String(repeated)],
  ['dead letters', ({ deadLetters }) => String(deadLetters)],
  ['deliveries repeated by Telegram', ({ redelivered }) => String(redelivered)],
  ['processes killed', ({ kills }) => String(kills)],
  ['500s from Telegram and SQS', ({ outages }) => String(outages)],
  ['updates per second', ({ perSecond }) => perSecond.toFixed(0)],
  ['time to answer, median', ({ median }) => `${median.toFixed(1)} s`],
  ['time to answer, 99th percentile', ({ percentile99 }) => `${percentile99.toFixed(1)} s`],
];

function wholeNumber(name: string, text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new Error(`--${name} must be a whole number above 0, got ${text}`);
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      updates: { type: 'string', default: '100000' },
      chats: { type: 'string', default: '5000' },
      delivery: { type: 'string', default: 'both' },
      calm: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const deliveries = (['direct', 'queued'] as const).filter(
    (delivery) => values.delivery === 'both' || values.delivery === delivery,
  );
  if (deliveries.length === 0) {
    throw new Error(`--delivery must be direct, queued or both, got ${values.delivery}`);
  }
  const updates = wholeNumber('updates', values.updates);
  const load: Omit<Load, 'delivery'> = {
    updates,
    chats: wholeNumber('chats', values.chats),
    speed: 3,
    timeout: Duration.seconds(5),
    ...(values.calm ? CALM : RAGE),
  };
  const reports: LoadReport[] = [];
  for (const delivery of deliveries) {
    const onProgress = (answered: number) => {
      if (process.stderr.isTTY) process.stderr.write(`\r${delivery}: ${answered} of ${updates} `);
    };
    reports.push(await runLoad({ ...load, delivery, onProgress }));
    if (process.stderr.isTTY) process.stderr.write('\n');
  }
  console.log(`| | ${deliveries.join(' | ')} |`);
  console.log(`|---|${deliveries.map(() => '---:|').join('')}`);
  for (const [name, value] of rows) {
    console.log(`| ${name} | ${reports.map(value).join(' | ')} |`);
  }
  return reports.every(({ lost, outOfOrder, late }) => lost + outOfOrder + late === 0) ? 0 : 1;
}

// The CDK's validation of the template takes seconds, and is not part of this test.
process.env.CDK_VALIDATION = 'false';
try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
