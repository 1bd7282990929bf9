// Runs in the measured process: loads a handler, invokes it once, and writes what that took to file descriptor 3.
// An IPC channel would load parts of Node that handlers then get for nothing.
import { readFileSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [entry, eventFile] = process.argv.slice(2);
const event = JSON.parse(readFileSync(eventFile, 'utf8'));
const context = { getRemainingTimeInMillis: () => 10_000 };
const url = pathToFileURL(entry).href;
const require = createRequire(import.meta.url);

function now() {
  const { user, system } = process.cpuUsage();
  return { wallMs: performance.now(), cpuMs: (user + system) / 1000 };
}

function between(start, end) {
  return { wallMs: end.wallMs - start.wallMs, cpuMs: end.cpuMs - start.cpuMs };
}

const begun = process.hrtime.bigint();
const start = now();
const { handler } = entry.endsWith('.mjs') ? await import(url) : require(entry);
const loaded = now();
const result = await handler(event, context);
const end = now();

const measured = { load: between(start, loaded), first: between(loaded, end) };
writeSync(3, JSON.stringify({ ...measured, begun: String(begun), result }));
// Kept-alive connections would keep the process.
process.exit(0);
