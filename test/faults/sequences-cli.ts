import { parseArgs } from 'node:util';
import * as fc from 'fast-check';
import useTemporaryDirectory from '../temporary-directory.ts';
import { run } from './sequence-run.ts';
import { sequences } from './sequences.ts';

/** Plays `--count` random sequences. A failure prints the `--seed` and the `--path` that play it again. */
const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '1000' },
    seed: { type: 'string' },
    path: { type: 'string' },
  },
});
process.env.CDK_VALIDATION = 'false';
const removeTemporaryDirectory = useTemporaryDirectory();
const { count, seed, path } = values;
const started = performance.now();
const details = await fc.check(fc.asyncProperty(sequences, run), {
  numRuns: Number(count),
  ...(seed !== undefined && { seed: Number(seed) }),
  path,
});
removeTemporaryDirectory();

const { failed, numRuns, seed: usedSeed } = details;
if (failed) {
  console.error(fc.defaultReportMessage(details));
  console.error(details.errorInstance);
} else {
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${numRuns} sequences passed in ${seconds} s (seed ${usedSeed})`);
}
// The connections that faults have left open would delay the exit by most of a minute.
process.exit(failed ? 1 : 0);
