import * as fc from 'fast-check';
import { it } from 'vitest';
import { run } from './sequence-run.ts';
import { sequences } from './sequences.ts';

it('never loses, steals or orphans a webhook, whatever happens in whatever order', async () => {
  await fc.assert(fc.asyncProperty(sequences, run), { numRuns: 200 });
}, 300_000);
