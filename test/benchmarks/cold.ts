import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ColdCase } from './cases.ts';
import { MeasuredCodeError, runInChild } from './child.ts';
import { environmentFor } from './environment.ts';
import type { Phase } from './estimate.ts';
import { httpEvent, queueEvent, UPDATES } from './events.ts';
import type { BenchServers, Service } from './servers.ts';
import { shuffled } from './statistics.ts';

/** One cold start: an import of the entry, and an invocation. */
export interface ColdStartRun {
  readonly load: Phase;
  readonly first: Phase;
  /** How long after the import began a service had its first whole request, in milliseconds. */
  readonly receivedMs: Partial<Record<Service, number>>;
}

interface ProbeResult {
  readonly load: Phase;
  readonly first: Phase;
  /** The time of `process.hrtime` when the import began. */
  readonly begun: string;
  readonly result: { statusCode?: number; batchItemFailures?: readonly object[] } | null;
}

export interface ColdBench {
  /** Paths of the files to load, by the entries of the cases. */
  readonly files: ReadonlyMap<string, string>;
  readonly servers: BenchServers;
  readonly directory: string;
  readonly signal: AbortSignal;
  readonly onRun: (run: number) => void;
}

const program = fileURLToPath(new URL('cold-probe.mjs', import.meta.url));

/**
 * Measures cold starts, each in a fresh process. The runs of all cases are interleaved in random order, so that a busy
 * moment of the machine affects all alike.
 *
 * @throws MeasuredCodeError when a handler throws, does not succeed, or does not call what its case says
 */
export async function measureColdStarts(
  cases: readonly ColdCase[],
  runs: number,
  bench: ColdBench,
): Promise<Map<ColdCase, ColdStartRun[]>> {
  const events = {
    text: httpEvent(UPDATES.text),
    large: httpEvent(UPDATES.large),
    queued: queueEvent(UPDATES.text),
  };
  for (const [name, event] of Object.entries(events)) {
    writeFileSync(eventFile(bench, name), JSON.stringify(event));
  }
  const results = new Map(cases.map((one) => [one, [] as ColdStartRun[]]));
  for (let run = 0; run < runs; run++) {
    bench.onRun(run);
    for (const one of shuffled(cases)) results.get(one)?.push(await measureOnce(one, bench));
  }
  return results;
}

async function measureOnce(one: ColdCase, bench: ColdBench): Promise<ColdStartRun> {
  const { name, entry, event = 'text', calls = [] } = one;
  const { files, servers, signal } = bench;
  const queued = event === 'queued' || calls.includes('sqs');
  servers.takeReceived();
  const { result: probed, stderr } = await runInChild<ProbeResult>(name, {
    program,
    args: [String(files.get(entry)), eventFile(bench, event)],
    environment: environmentFor(servers, { queued }),
    signal,
  });
  const { load, first, begun, result } = probed;
  const isDone =
    event === 'queued' ? result?.batchItemFailures?.length === 0 : result?.statusCode === 200;
  if (!isDone) throw new MeasuredCodeError(name, `returned ${JSON.stringify(result)}`, stderr);
  const received = servers.takeReceived();
  const missing = calls.filter((service) => !received.has(service));
  if (missing.length > 0) throw new MeasuredCodeError(name, `did not call ${missing}`, stderr);
  const receivedMs = Object.fromEntries(
    [...received].map(([service, at]) => [service, Number(at - BigInt(begun)) / 1e6]),
  );
  return { load, first, receivedMs };
}

function eventFile({ directory }: ColdBench, name: string): string {
  return join(directory, `${name}.json`);
}
