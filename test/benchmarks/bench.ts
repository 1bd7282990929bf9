/** `npm run bench`: measures cold starts and the time per update, of the kit and of its peers. */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundleAll } from './bundles.ts';
import { COLD_CASES, WARM_CASES } from './cases.ts';
import { measureColdStarts } from './cold.ts';
import { type BenchReport, formatReport, summarizeColdStarts, summarizeWarm } from './report.ts';
import { selectCases } from './selection.ts';
import { BenchServers } from './servers.ts';
import { measureWarm } from './warm.ts';

const usage = `npm run bench [-- --runs N] [--only NAME] [--json]

Measures cold starts and the time per update on this machine, of the kit and of other ways to run a
bot on Lambda. Each cold start is a process of its own, with local servers for AWS and Telegram.
  --runs N     how many cold starts of each handler (default 15)
  --only NAME  only handlers with this in their names, and what they are compared with
  --json       print JSON instead of tables`;

interface BenchOptions {
  readonly runs: number;
  readonly only: string;
  readonly signal: AbortSignal;
}

async function bench({ runs, only, signal }: BenchOptions): Promise<BenchReport> {
  const all = { cold: COLD_CASES, warm: WARM_CASES };
  const { cold, warm, skipped } = selectCases(all, only);
  const [loadAverage = 0] = loadavg();
  const directory = mkdtempSync(join(tmpdir(), 'bench-'));
  let servers: BenchServers | undefined;
  try {
    console.error('Bundling …');
    const files = await bundleAll([...cold, ...warm], directory, signal);
    servers = await BenchServers.open(directory);
    const context = { files, servers, directory, signal };
    const onRun = (run: number) => console.error(`Cold starts, run ${run + 1} of ${runs} …`);
    const coldStarts = await measureColdStarts(cold, runs, { ...context, onRun });
    if (warm.length > 0) console.error('Warm updates …');
    return {
      node: process.version,
      processor: `${cpus().length} x ${cpus()[0]?.model.trim()}`,
      loadAverage,
      runs,
      coldStarts: summarizeColdStarts(coldStarts),
      warm: summarizeWarm(await measureWarm(warm, runs, context)),
      skipped,
    };
  } finally {
    await servers?.close();
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '15' },
      only: { type: 'string', default: '' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1) {
    throw new Error(`--runs must be a whole number above 0, got ${values.runs}`);
  }
  const stop = new AbortController();
  // Never once: npm passes on the signal that the terminal sends to this process too.
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stop.abort());
  try {
    const report = await bench({ runs, only: values.only, signal: stop.signal });
    console.log(values.json ? JSON.stringify(report, undefined, 2) : formatReport(report));
    return 0;
  } catch (error) {
    if (stop.signal.aborted) return 130;
    throw error;
  }
}

process.exitCode = await main().catch((error: Error) => {
  console.error(error.message);
  return 1;
});
