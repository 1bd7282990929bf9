import { type BenchHandler, type ColdCase, EMPTY, MINIMAL } from './cases.ts';
import type { ColdStartRun } from './cold.ts';
import { estimateMs, MEMORY_SIZES, type Phase } from './estimate.ts';
import type { SkippedCase } from './selection.ts';
import type { Service } from './servers.ts';
import { median } from './statistics.ts';
import { formatTable } from './table.ts';
import type { WarmTimes } from './warm.ts';

/** What `--json` prints. */
export interface BenchReport {
  readonly node: string;
  readonly processor: string;
  /** Processes that competed for the processors before the bench began. On a busy machine only processor times hold. */
  readonly loadAverage: number;
  readonly runs: number;
  readonly coldStarts: readonly ColdSummary[];
  readonly warm: readonly WarmSummary[];
  readonly skipped: readonly SkippedCase[];
}

/** Medians of a case's runs, in milliseconds. */
export interface ColdSummary {
  readonly name: string;
  readonly load: Phase;
  readonly first: Phase;
  /** Processor time of both. */
  readonly cpuMs: number;
  /** `cpuMs` against that of the empty handler in the same run of the bench. */
  readonly cpuRatio: number;
  /** How long after the import began a service had its first whole request. */
  readonly receivedMs: Partial<Record<Service, number>>;
  /** An estimate of the first response, by memory size in MiB. */
  readonly estimateMs: Readonly<Record<number, number>>;
}

export interface WarmSummary {
  readonly name: string;
  readonly microseconds: WarmTimes;
  /** `microseconds` against those of the minimal handler in the same run of the bench. */
  readonly ratio: WarmTimes;
}

/** @param results with those of the empty handler, or none */
export function summarizeColdStarts(
  results: ReadonlyMap<ColdCase, readonly ColdStartRun[]>,
): ColdSummary[] {
  const summaries = [...results].map(([{ name }, runs]) => summarize(name, runs));
  const empty = summaries.find(({ name }) => name === EMPTY)?.cpuMs ?? Number.NaN;
  return summaries.map((one) => ({ ...one, cpuRatio: one.cpuMs / empty }));
}

function summarize(name: string, runs: readonly ColdStartRun[]): Omit<ColdSummary, 'cpuRatio'> {
  const of = (value: (run: ColdStartRun) => number) => median(runs.map(value));
  const services = Object.keys(runs[0]?.receivedMs ?? {}) as Service[];
  return {
    name,
    load: { wallMs: of(({ load }) => load.wallMs), cpuMs: of(({ load }) => load.cpuMs) },
    first: { wallMs: of(({ first }) => first.wallMs), cpuMs: of(({ first }) => first.cpuMs) },
    cpuMs: of(({ load, first }) => load.cpuMs + first.cpuMs),
    receivedMs: Object.fromEntries(
      services.map((service) => [service, of((run) => run.receivedMs[service] ?? Number.NaN)]),
    ),
    estimateMs: Object.fromEntries(
      MEMORY_SIZES.map((size) => [size, of(({ load, first }) => estimateMs(load, first, size))]),
    ),
  };
}

/** @param results with those of the minimal handler, or none */
export function summarizeWarm(results: ReadonlyMap<BenchHandler, WarmTimes>): WarmSummary[] {
  const minimal = [...results].find(([{ name }]) => name === MINIMAL)?.[1];
  return [...results].map(([{ name }, microseconds]) => ({
    name,
    microseconds,
    ratio: {
      text: microseconds.text / (minimal?.text ?? Number.NaN),
      callback: microseconds.callback / (minimal?.callback ?? Number.NaN),
      post: microseconds.post / (minimal?.post ?? Number.NaN),
      large: microseconds.large / (minimal?.large ?? Number.NaN),
    },
  }));
}

/** Formats a report for a terminal of 100 columns. */
export function formatReport(report: BenchReport): string {
  const { node, processor, loadAverage, runs, coldStarts, warm, skipped } = report;
  const parts = [
    `Node ${node} on ${processor}\nMedians of ${runs} runs of each handler, interleaved; load average before ${loadAverage.toFixed(1)}`,
  ];
  if (coldStarts.length > 0) {
    parts.push(
      `Cold start on a whole processor, in ms: importing the bundle, the first invocation, and how long
after the import began Secrets Manager and Telegram (for the ingress: SQS) had the whole request.`,
      coldStartTable(coldStarts),
      `ESTIMATE of the first response, in ms, by memory size: the import as measured, and the invocation
with its processor time scaled by 1769 MiB / size. It holds for this machine, without network delay:
compare it only within one run, and "x empty" across machines.`,
      estimateTable(coldStarts),
    );
  }
  if (warm.length > 0) {
    parts.push(
      `Processor time per update when warm, from the parsed event to the response; "x" is against the
first line.`,
      warmTable(warm),
    );
  }
  if (skipped.length > 0) {
    const lines = skipped.map(({ name, reason }) => `  ${name}: ${reason}`);
    parts.push(['Not measured:', ...lines].join('\n'));
  }
  return parts.join('\n\n');
}

function coldStartTable(summaries: readonly ColdSummary[]): string {
  return formatTable([
    ['', 'load', 'cpu', 'first', 'cpu', 'secret', 'call', 'all cpu', 'x empty'],
    ...summaries.map(({ name, load, first, cpuMs, cpuRatio, receivedMs }) => [
      name,
      ...[load.wallMs, load.cpuMs, first.wallMs, first.cpuMs].map(tenths),
      tenths(receivedMs.secretsManager),
      tenths(receivedMs.botApi ?? receivedMs.sqs),
      ...[cpuMs, cpuRatio].map(tenths),
    ]),
  ]);
}

function estimateTable(summaries: readonly ColdSummary[]): string {
  return formatTable([
    ['', ...MEMORY_SIZES.map((size) => `${size} MiB`), 'x empty'],
    ...summaries.map(({ name, estimateMs, cpuRatio }) => [
      name,
      ...MEMORY_SIZES.map((size) => (estimateMs[size] ?? Number.NaN).toFixed(0)),
      tenths(cpuRatio),
    ]),
  ]);
}

function warmTable(summaries: readonly WarmSummary[]): string {
  return formatTable([
    ['', 'text, us', 'x', 'callback, us', 'x', '8 kB, us', 'x', '480 kB, ms', 'x'],
    ...summaries.map(({ name, microseconds, ratio }) => [
      name,
      ...(['text', 'callback', 'post'] as const).flatMap((update) => [
        tenths(microseconds[update]),
        ratio[update].toFixed(2),
      ]),
      (microseconds.large / 1000).toFixed(2),
      ratio.large.toFixed(2),
    ]),
  ]);
}

function tenths(value: number | undefined): string {
  return value === undefined ? '' : value.toFixed(1);
}
