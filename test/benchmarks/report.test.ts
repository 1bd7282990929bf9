import { expect, it } from 'vitest';
import { COLD_CASES, type ColdCase, EMPTY, WARM_CASES } from './cases.ts';
import type { ColdStartRun } from './cold.ts';
import { formatReport, summarizeColdStarts, summarizeWarm } from './report.ts';
import { formatTable } from './table.ts';

const run = (cpuMs: number): ColdStartRun => ({
  load: { wallMs: 1234.5, cpuMs },
  first: { wallMs: 1234.5, cpuMs: 2 * cpuMs },
  receivedMs: { secretsManager: 1000 + cpuMs, botApi: 2000 + cpuMs },
});

function cold(name: string, ...cpuMs: number[]): [ColdCase, ColdStartRun[]] {
  return [{ name, entry: '' }, cpuMs.map(run)];
}

it('summarizes runs by their medians, and by their ratio to the empty handler', () => {
  const [, bot] = summarizeColdStarts(new Map([cold(EMPTY, 1, 2, 99), cold('bot', 8, 5, 1)]));
  expect(bot).toMatchObject({ load: { cpuMs: 5 }, first: { cpuMs: 10 }, cpuMs: 15, cpuRatio: 2.5 });
  expect(bot?.receivedMs).toEqual({ secretsManager: 1005, botApi: 2005 });
  expect(bot?.estimateMs[1769]).toBe(2469);
});

it('aligns the columns of a table', () => {
  const table = formatTable([
    ['', 'ms', 'x'],
    ['a', '10.5', ''],
    ['long', '2', '1.0'],
  ]);
  expect(table).toBe('        ms    x\na     10.5\nlong     2  1.0');
});

it('fits into 100 columns, even on a machine ten times as slow', () => {
  const times = { text: 99, callback: 999, post: 9999, large: 99_999 };
  const report = formatReport({
    node: 'v24.10.0',
    processor: '64 x Intel(R) Xeon(R) Platinum 8259CL CPU @ 2.50GHz',
    loadAverage: 12.3,
    runs: 15,
    coldStarts: summarizeColdStarts(new Map(COLD_CASES.map(({ name }) => cold(name, 1234)))),
    warm: summarizeWarm(new Map(WARM_CASES.map((one) => [one, times]))),
    skipped: [{ name: 'botApi() call', reason: 'not in this version' }],
  });
  expect(report).toContain('ESTIMATE');
  expect(report).toContain('botApi() call: not in this version');
  expect(report.split('\n').filter((line) => line.length > 100)).toEqual([]);
});
