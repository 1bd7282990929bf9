import { Duration } from 'aws-cdk-lib';
import type { WatchReport, WebhookCondition } from '../../../functions/contract.ts';
import { unhealthiness } from '../../../functions/registrar/watch/watch.ts';
import { Watch } from '../../../infra/settings/watch.ts';
import { leaksIn } from '../../end-to-end/no-secret.ts';
import { type Bot, fakeToken, settle } from '../../sandbox/index.ts';
import { Simulation } from '../simulation.ts';

const MINUTE_MS = 60_000;
const STEP_MS = 10_000;
/** A user writes this often. */
const MESSAGE_MS = 30_000;
const LIMIT_MS = 25 * MINUTE_MS;
/** The period of the alarm: two checks. */
const ALARM_MS = 10 * MINUTE_MS;

/** A way in which a deployed bot stops receiving updates. */
export interface DarkWay {
  readonly name: string;
  readonly expected: WebhookCondition;
  readonly isRepaired?: true;
  /** Whether it may pass by itself, so that only two checks in a row raise the alarm. */
  readonly isTransient?: true;
  happen(simulation: Simulation, bot: Bot): unknown;
}

/** What the watch made of it. Times are in milliseconds from when it happened. */
export interface DarkResult {
  readonly way: DarkWay;
  readonly noticedMs?: number;
  readonly report?: WatchReport;
  /** When the sum of the metric over two checks reaches the threshold of the alarm. */
  readonly alarmMs?: number;
  /** When updates arrive again. */
  readonly repairedMs?: number;
  readonly leaks: number;
}

const curl = async (simulation: Simulation, bot: Bot, changes: object) => {
  const { url = '', secretToken } = simulation.telegram.webhook(bot.id) ?? {};
  const parameters = { url, secret_token: secretToken, ...changes };
  await simulation.telegramClient(bot).setWebhook(parameters);
};
const answering =
  (fault: { status: number } | { code: string }) =>
  ({ faults }: Simulation) => {
    faults.endpoint = () => fault;
  };

export const darkWays: readonly DarkWay[] = [
  {
    name: 'the webhook is deleted by hand',
    expected: 'missing',
    isRepaired: true,
    happen: (simulation, bot) => simulation.deleteWebhook(bot),
  },
  {
    name: 'a bot polls on a laptop: deleteWebhook, getUpdates',
    expected: 'missing',
    isRepaired: true,
    async happen(simulation, bot) {
      await simulation.deleteWebhook(bot);
      await simulation.telegramClient(bot).call('getUpdates', { timeout: 0 });
    },
  },
  {
    name: 'setWebhook by hand, to another host',
    expected: 'foreign',
    happen: (simulation, bot) => simulation.setForeignWebhook(bot, 'foreign.example'),
  },
  {
    name: 'a second stack takes the bot over',
    expected: 'foreign',
    happen: (simulation) => simulation.deploy({ name: 'Second' }),
  },
  {
    name: 'setWebhook by hand, with other settings',
    expected: 'changed',
    isRepaired: true,
    async happen(simulation, bot) {
      await simulation.clock.advance(NEW_SETTINGS_WAIT_MS);
      await curl(simulation, bot, { max_connections: 1, allowed_updates: ['poll'] });
    },
  },
  {
    name: 'setWebhook by hand, with another secret',
    expected: 'out-of-sync',
    isRepaired: true,
    happen: (simulation, bot) => curl(simulation, bot, { secret_token: 'guessed' }),
  },
  {
    name: 'the secret is deleted',
    expected: 'token-unusable',
    happen({ faults }) {
      const body = {
        __type: 'ResourceNotFoundException',
        message: "can't find the specified secret",
      };
      faults.secrets = () => ({ status: 400, body });
    },
  },
  {
    name: 'the token is revoked',
    expected: 'token-revoked',
    happen: (simulation, bot) => simulation.rotateToken(bot, 'b'),
  },
  {
    name: 'a new token is stored, and not deployed',
    expected: 'token-changed',
    isTransient: true,
    happen: (simulation, bot) => simulation.storeToken(simulation.rotateToken(bot, 'b')),
  },
  {
    name: "another bot's token is stored, and the own one revoked",
    expected: 'another-bot',
    isTransient: true,
    happen(simulation, bot) {
      simulation.rotateToken(bot, 'b');
      simulation.storeToken(fakeToken(7_000_000_009));
    },
  },
  {
    name: 'the endpoint answers 404',
    expected: 'endpoint-failing',
    isTransient: true,
    happen: answering({ status: 404 }),
  },
  {
    name: 'the bot fails on every update, or crashes on load',
    expected: 'endpoint-failing',
    isTransient: true,
    happen({ faults }) {
      faults.receiver = () => 'crashes';
    },
  },
  {
    name: 'the gateway throttles every request',
    expected: 'endpoint-failing',
    isTransient: true,
    happen: answering({ status: 429 }),
  },
  {
    name: 'a firewall refuses Telegram',
    expected: 'endpoint-failing',
    isTransient: true,
    happen: answering({ status: 403 }),
  },
  {
    name: "the endpoint's name is gone from DNS",
    expected: 'endpoint-failing',
    isTransient: true,
    happen: answering({ code: 'ENOTFOUND' }),
  },
  {
    name: 'the certificate of the endpoint has expired',
    expected: 'endpoint-failing',
    isTransient: true,
    happen: answering({ code: 'CERT_HAS_EXPIRED' }),
  },
  {
    name: 'the endpoint refuses connections',
    expected: 'endpoint-failing',
    isTransient: true,
    happen: answering({ code: 'ECONNREFUSED' }),
  },
  {
    name: "Telegram's API answers 502",
    expected: 'telegram-unreachable',
    isTransient: true,
    happen({ faults }) {
      faults.telegram = () => ({ kind: 'answer', status: 502, body: '<h1>Bad Gateway</h1>' });
      faults.endpoint = () => ({ code: 'ECONNREFUSED' });
    },
  },
  {
    name: 'Secrets Manager answers 500',
    expected: 'secret-unreachable',
    isTransient: true,
    happen({ faults }) {
      faults.secrets = () => ({ status: 500, body: { __type: 'InternalServiceError' } });
      faults.endpoint = () => ({ code: 'ECONNREFUSED' });
    },
  },
];

/** Longer than settings are left alone after a deploy. */
const NEW_SETTINGS_WAIT_MS = 16 * MINUTE_MS;

/** Lets a deployed bot go dark, and watches the watch on the simulation's clock. */
export async function goDark(way: DarkWay): Promise<DarkResult> {
  const simulation = await Simulation.start();
  try {
    const bot = simulation.addBot();
    await simulation.deploy({ bots: [{ watch: Watch.every(Duration.minutes(5)) }] });
    const deployedHost = simulation.webhookHost(bot);
    // The first check is over, and finds nothing.
    for (let waitedMs = 0; reportsOf(simulation).length === 0; waitedMs += STEP_MS) {
      // No timeout of a test ends a loop on a simulated clock.
      if (waitedMs > LIMIT_MS) throw new Error('The watch has not checked the bot');
      await simulation.clock.advance(STEP_MS);
    }
    await way.happen(simulation, bot);
    return await observe(simulation, bot, way, deployedHost);
  } finally {
    simulation.faults = {};
    await simulation.close();
  }
}

async function observe(
  simulation: Simulation,
  bot: Bot,
  way: DarkWay,
  deployedHost: string,
): Promise<DarkResult> {
  const { clock } = simulation;
  const start = clock.now();
  let known = reportsOf(simulation).length;
  const marks: { at: number; value: number }[] = [];
  let noticedMs: number | undefined;
  let report: WatchReport | undefined;
  let alarmMs: number | undefined;
  let repairedMs: number | undefined;
  let writtenMs = 0;
  while (clock.now() - start < LIMIT_MS && !(alarmMs || (repairedMs && noticedMs))) {
    const now = clock.now() - start;
    if (now - writtenMs >= MESSAGE_MS) {
      simulation.write(bot);
      writtenMs = now;
    }
    await clock.advance(STEP_MS);
    await settle();
    const reports = reportsOf(simulation);
    for (const found of reports.slice(known)) {
      const at = clock.now() - start;
      if (found.condition !== 'healthy') {
        noticedMs ??= at;
        report = report?.condition === way.expected ? report : found;
      }
      marks.push({ at, value: unhealthiness(found) });
      const sum = marks
        .filter((mark) => at - mark.at < ALARM_MS)
        .reduce((all, { value }) => all + value, 0);
      if (sum >= 1) alarmMs ??= at;
    }
    known = reports.length;
    const isBack = report?.repair === 'done' && simulation.webhookHost(bot) === deployedHost;
    if (isBack && bot.pending.size === 0) repairedMs ??= clock.now() - start;
  }
  const leaks = leaksIn(simulation.publicTexts(), simulation.secretsSeen());
  return { way, noticedMs, report, alarmMs, repairedMs, leaks };
}

function reportsOf({ aws }: Simulation): WatchReport[] {
  return aws.logs
    .lines()
    .filter((line) => line.includes('"watch.report"'))
    .map((line) => JSON.parse(line).message as WatchReport);
}

/** Returns what is wrong with how the watch has dealt with it. */
export function darkProblems({
  way,
  noticedMs,
  report,
  alarmMs,
  repairedMs,
  leaks,
}: DarkResult): string[] {
  const problems: string[] = [];
  const within = (what: string, ms: number | undefined, minutes: number) => {
    if (ms === undefined || ms > minutes * MINUTE_MS) problems.push(`${what} after ${ms} ms`);
  };
  within('noticed', noticedMs, 6);
  if (report?.condition !== way.expected) problems.push(`diagnosed as ${report?.condition}`);
  if (!report?.cause || !report.fix) problems.push('no cause or no fix');
  if (way.isRepaired) {
    within('repaired', repairedMs, 7);
    if (alarmMs !== undefined) problems.push('an alarm about what was repaired');
  } else within('alarm', alarmMs, way.isTransient ? 12 : 6);
  if (leaks > 0) problems.push('a secret is visible');
  return problems;
}

/** Returns the table of all ways, in Markdown. */
export function darkTable(results: readonly DarkResult[]): string {
  const minutes = (ms: number | undefined) =>
    ms === undefined ? '·' : `${(ms / MINUTE_MS).toFixed(1)}`;
  const rows = results.map(
    ({ way, noticedMs, report, alarmMs, repairedMs }) =>
      `| ${way.name} | ${minutes(noticedMs)} | ${report?.condition} | ${oneLine(report?.cause)} | ${oneLine(report?.fix)} | ${minutes(alarmMs)} | ${minutes(repairedMs)} |`,
  );
  return [
    '| way to go dark | noticed after (min) | condition | cause | fix | alarm after (min) | repaired after (min) |',
    '| --- | ---: | --- | --- | --- | ---: | ---: |',
    ...rows,
    '',
  ].join('\n');
}

function oneLine(text = ''): string {
  const line = text.replaceAll('\n', ' ').replaceAll('|', '\\|');
  return line.replaceAll(/\w+\.execute-api\.[\w.-]+/g, 'the API of the other stack');
}
