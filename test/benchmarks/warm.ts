import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BenchHandler } from './cases.ts';
import { runInChild } from './child.ts';
import type { ColdBench } from './cold.ts';
import { environmentFor } from './environment.ts';
import { httpEvent, UPDATES } from './events.ts';
import { median } from './statistics.ts';

/** Microseconds of processor time per update, by what the update is. */
export type WarmTimes = Record<keyof typeof UPDATES, number>;

/** How many measurements follow from one run of the cold starts, each of some milliseconds. */
const ROUNDS_PER_RUN = 4;

const program = fileURLToPath(new URL('warm-probe.mjs', import.meta.url));

/**
 * Measures what an update costs handlers once V8 has optimized them, from the parsed event to the response. All run in one
 * process, in turn.
 */
export async function measureWarm(
  cases: readonly BenchHandler[],
  runs: number,
  { files, servers, directory, signal }: Omit<ColdBench, 'onRun'>,
): Promise<Map<BenchHandler, WarmTimes>> {
  if (cases.length === 0) return new Map();
  const configuration = join(directory, 'warm.json');
  const entries = Object.fromEntries(cases.map(({ name, entry }) => [name, files.get(entry)]));
  const events = Object.fromEntries(
    Object.entries(UPDATES).map(([update, value]) => [update, httpEvent(value)]),
  );
  const rounds = runs * ROUNDS_PER_RUN;
  writeFileSync(configuration, JSON.stringify({ entries, events, rounds }));
  const { result } = await runInChild<
    { name: string; update: keyof WarmTimes; microseconds: number[] }[]
  >('warm updates', {
    program,
    args: [configuration],
    environment: environmentFor(servers, { queued: false }),
    signal,
  });
  return new Map(
    cases.map((one) => {
      const measurements = result.filter(({ name }) => name === one.name);
      const times = measurements.map(({ update, microseconds }) => [update, median(microseconds)]);
      return [one, Object.fromEntries(times) as WarmTimes];
    }),
  );
}
