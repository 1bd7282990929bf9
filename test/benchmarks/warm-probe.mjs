// Runs in the measured process: invokes several handlers with several events in turn, and writes to file descriptor 3
// how many microseconds of processor time an invocation took, by handler, event and round. The handlers wait for nothing,
// and a busy machine stretches any other time.
import { readFileSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setImmediate as turn } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const { entries, events, rounds } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const context = { getRemainingTimeInMillis: () => 10_000 };
const require = createRequire(import.meta.url);

/** Rounds that are not counted, in which V8 optimizes the code. */
const WARM_UP = 5;
/** The bytes of updates that one measurement parses, about: some milliseconds' work. */
const BYTES = 1_500_000;

const measurements = [];
for (const [name, entry] of Object.entries(entries)) {
  const url = pathToFileURL(entry).href;
  const { handler } = entry.endsWith('.mjs') ? await import(url) : require(entry);
  for (const [update, event] of Object.entries(events)) {
    const { statusCode } = await handler(event, context);
    if (statusCode !== 200) throw new Error(`${name} answered ${update} with ${statusCode}`);
    const count = Math.ceil(BYTES / event.body.length);
    measurements.push({ name, update, handler, event, count, microseconds: [] });
  }
}

for (let round = -WARM_UP; round < rounds; round++) {
  // Another order in every round, so that no handler always runs after the same other one.
  const order = measurements.map((one) => [Math.random(), one]).sort(([a], [b]) => a - b);
  for (const [, { handler, event, count, microseconds }] of order) {
    const start = process.cpuUsage();
    for (let i = 0; i < count; i++) await handler(event, context);
    // What handlers leave behind, such as timers and signals, is freed between turns of the event loop only.
    await turn();
    const { user, system } = process.cpuUsage(start);
    if (round >= 0) microseconds.push((user + system) / count);
  }
}

writeSync(
  3,
  JSON.stringify(
    measurements.map(({ name, update, microseconds }) => ({ name, update, microseconds })),
  ),
);
process.exit(0);
