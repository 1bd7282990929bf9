import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ColdCase } from './cases.ts';
import { measureColdStarts } from './cold.ts';
import { BenchServers } from './servers.ts';

const directory = mkdtempSync(join(tmpdir(), 'bench-test-'));

function start(...args: string[]): ChildProcessByStdio<null, Readable, Readable> {
  const program = fileURLToPath(new URL('bench.ts', import.meta.url));
  return spawn(process.execPath, ['--import', 'tsx', program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TMPDIR: directory },
  });
}

const left = () => readdirSync(directory).filter((name) => /^bench-/.test(name));

it.each([
  ['empty', { coldStarts: [{ name: 'empty handler', cpuRatio: 1 }], warm: [] }],
  ['json.parse', { coldStarts: [], warm: [{ name: 'JSON.parse + check', ratio: { text: 1 } }] }],
])('measures %s, and leaves nothing behind', async (name, report) => {
  const bench = start('--runs', '1', '--only', name, '--json');
  const [[code], output] = await Promise.all([once(bench, 'close'), text(bench.stdout)]);
  expect(code).toBe(0);
  expect(JSON.parse(output)).toMatchObject(report);
  expect(left()).toEqual([]);
});

it('fails when no handler has the name', async () => {
  const bench = start('--only', 'nothing of that name');
  const [[code], output] = await Promise.all([once(bench, 'close'), text(bench.stderr)]);
  expect(code).toBe(1);
  expect(output).toMatch(/^No handler has "nothing of that name" in its name/);
});

it('leaves nothing behind when it is interrupted', async () => {
  const bench = start('--runs', '1000', '--only', 'empty');
  let output = '';
  for await (const chunk of bench.stderr) {
    output += chunk;
    if (output.includes('run 2 of 1000')) bench.kill('SIGINT');
  }
  if (bench.exitCode === null) await once(bench, 'close');
  expect(bench.exitCode).toBe(130);
  expect(left()).toEqual([]);
});

let servers: BenchServers;
beforeAll(async () => {
  servers = await BenchServers.open(directory);
});
afterAll(() => servers.close());

/** Measures one cold start of a handler, given as the text of a module. */
async function measure(code: string, { calls, event }: Partial<ColdCase> = {}) {
  const file = join(directory, 'index.mjs');
  writeFileSync(file, code);
  const one = { name: 'a bot', entry: 'index.mjs', calls, event };
  const files = new Map([[one.entry, file]]);
  const { signal } = new AbortController();
  const bench = { files, servers, directory, signal, onRun: () => {} };
  const results = await measureColdStarts([one], 1, bench);
  return results.get(one)?.[0];
}

it('fails with the name of a handler that throws, and with what it wrote', async () => {
  const failed = measure(`export const handler = async () => { throw new Error('it broke') };`);
  await expect(failed).rejects.toThrow(/^a bot: ended with 1\n.*it broke/s);
});

it('fails with the name of a handler that exits', async () => {
  const failed = measure('process.exit(0);');
  await expect(failed).rejects.toThrow('a bot: ended before it was measured');
});

it.each([
  ['text', { statusCode: 401 }],
  ['queued', { batchItemFailures: [{ itemIdentifier: '1' }] }],
] as const)('fails when the response to the %s event is no success', async (event, response) => {
  const code = `export const handler = async () => (${JSON.stringify(response)});`;
  await expect(measure(code, { event })).rejects.toThrow(`returned ${JSON.stringify(response)}`);
});

it('fails when a handler does not make its call', async () => {
  const failed = measure('export const handler = async () => ({ statusCode: 200 });', {
    calls: ['botApi'],
  });
  await expect(failed).rejects.toThrow('a bot: did not call botApi');
});

it('measures when a service had the request', async () => {
  const code = `export const handler = async () => {
    const response = await fetch(process.env.TELEGRAM_API_ROOT, { method: 'POST', body: '{}' });
    return { statusCode: (await response.json()).ok ? 200 : 500 };
  };`;
  const start = performance.now();
  const run = await measure(code, { calls: ['botApi'] });
  const wholeMs = performance.now() - start;
  expect(run?.receivedMs.botApi).toBeGreaterThan(run?.load.wallMs ?? Number.NaN);
  expect(run?.receivedMs.botApi).toBeLessThan(wholeMs);
});
