import { parseArgs } from 'node:util';
import * as fc from 'fast-check';
import { interleavings, playInterleaving } from './interleavings.ts';

/** Plays `--count` random interleavings. A failure prints the `--seed` and the `--path` that playInterleaving it again. */
const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '10000' },
    seed: { type: 'string' },
    path: { type: 'string' },
  },
});
const { count, seed, path } = values;
const started = performance.now();
const details = await fc.check(fc.asyncProperty(interleavings, playInterleaving), {
  numRuns: Number(count),
  ...(seed !== undefined && { seed: Number(seed) }),
  path,
});
if (details.failed) {
  console.error(fc.defaultReportMessage(details));
  console.error(details.errorInstance);
  process.exitCode = 1;
} else {
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${details.numRuns} interleavings passed in ${seconds} s (seed ${details.seed})`);
}
