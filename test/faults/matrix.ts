import { type Cell, canInject, injectionPointsOf, play } from './cell.ts';
import { type Fault, faults, type InjectionPoint } from './faults.ts';
import { outcomes, type StepOutcome } from './oracle.ts';
import { type Step, steps } from './steps.ts';

/** Stands for a fault that cannot hit a step. */
export const NEVER = '·';

/** The outcomes by fault and step, in the order of both. */
export type Matrix = ReadonlyMap<Fault, ReadonlyMap<Step, StepOutcome | typeof NEVER>>;

const MATRIX_HEADING = '## Every step under every fault';

const KINDS = ['create', 'update', 'destroy'] as const satisfies readonly Step['kind'][];

const pointLabels: Record<InjectionPoint, string> = {
  'every call': 'every call to Telegram',
  getMe: 'getMe',
  getWebhookInfo: 'getWebhookInfo before setWebhook',
  setWebhook: 'setWebhook',
  verify: 'getWebhookInfo after setWebhook',
  unregister: 'setWebhook that removes the webhook',
  readProfile: 'reads of the profile',
  writeProfile: 'writes of the profile',
  'DNS lookup': "Telegram's DNS lookup",
  probe: 'the probe',
  readiness: 'the readiness check',
  secret: 'Secrets Manager',
};

/** How many cells are played at the same time. */
const CONCURRENT_CELLS = 5;

/** Plays every cell. */
export async function playMatrix(onCell: (cell: Cell) => void): Promise<Matrix> {
  const matrix = new Map(
    faults.map((fault) => [fault, new Map<Step, StepOutcome | typeof NEVER>()]),
  );
  for (const step of steps) {
    const points = await injectionPointsOf(step);
    const waiting = faults.filter((fault) => {
      const isPlayed = canInject(step, fault, points);
      if (!isPlayed) matrix.get(fault)?.set(step, NEVER);
      return isPlayed;
    });
    const playWaiting = async () => {
      for (let fault = waiting.shift(); fault; fault = waiting.shift()) {
        const cell = await play(step, fault);
        matrix.get(fault)?.set(step, cell.outcome);
        onCell(cell);
      }
    };
    // Several at a time, because each simulation waits for sockets now and then.
    await Promise.all(Array.from({ length: CONCURRENT_CELLS }, playWaiting));
  }
  return matrix;
}

/** Returns the generated part of the README: the legend, the summary and the matrix. */
export function toMarkdown(matrix: Matrix): string {
  return [
    '## Outcomes',
    '',
    ...legend(matrix),
    '',
    '## Summary',
    '',
    'How many cells have which outcome, by injection point and kind of step:',
    '',
    ...table([['injection point', ...KINDS], ...summaryRows(matrix)]),
    '',
    MATRIX_HEADING,
    '',
    ...table([['injection point', 'fault', ...steps.map(({ name }) => name)], ...rows(matrix)]),
    '',
  ].join('\n');
}

/** Returns the outcome that the committed matrix has for a cell. */
export function outcomeIn(markdown: string, step: Step, fault: Fault): string | undefined {
  const [header, ...rest] = matrixCells(markdown);
  const column = header?.indexOf(step.name) ?? -1;
  const label = pointLabels[fault.point];
  return rest.find(([point, name]) => point === label && name === fault.name)?.[column];
}

/** Returns the names of the columns and rows in the committed matrix. */
export function namesIn(markdown: string): string[] {
  const [header = [], , ...rest] = matrixCells(markdown);
  return [...header.slice(2), ...rest.map(([point, name]) => `${point} | ${name}`)];
}

/** Returns the names of the columns and rows that the matrix should have. */
export function expectedNames(): string[] {
  return [
    ...steps.map(({ name }) => name),
    ...faults.map(({ point, name }) => `${pointLabels[point]} | ${name}`),
  ];
}

function legend(matrix: Matrix): string[] {
  const counts = count([...matrix.values()].flatMap((cells) => [...cells.values()]));
  return [
    ...Object.entries(outcomes).map(
      ([outcome, meaning]) => `- **${outcome}** (${counts.get(outcome) ?? 0}): ${meaning}`,
    ),
    `- ${NEVER}: the fault cannot hit this step`,
  ];
}

function summaryRows(matrix: Matrix): string[][] {
  return Object.entries(pointLabels).map(([point, label]) => {
    const ofPoint = [...matrix].filter(([fault]) => fault.point === point);
    const summaries = KINDS.map((kind) => {
      const ofKind = steps.filter((step) => step.kind === kind);
      return summary(
        ofPoint.flatMap(([, cells]) => ofKind.map((step) => cells.get(step) ?? NEVER)),
      );
    });
    return [label, ...summaries];
  });
}

/** Returns how many cells have which outcome, for example `recovered 210, kept 34`. */
function summary(cells: readonly string[]): string {
  const counts = count(cells);
  const parts = Object.keys(outcomes).flatMap((outcome) => {
    const found = counts.get(outcome);
    return found ? `${outcome} ${found}` : [];
  });
  return parts.join(', ') || NEVER;
}

function count(cells: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const cell of cells) counts.set(cell, (counts.get(cell) ?? 0) + 1);
  return counts;
}

function rows(matrix: Matrix): string[][] {
  return [...matrix].map(([fault, cells]) => [
    pointLabels[fault.point],
    fault.name,
    ...steps.map((step) => cells.get(step) ?? NEVER),
  ]);
}

/** Returns the cells of the committed matrix by row: the header, the rule below it, and the faults. */
function matrixCells(markdown: string): string[][] {
  const [, matrix = ''] = markdown.split(MATRIX_HEADING);
  return matrix
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((text) => text.trim()),
    );
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[], fill = ' ') =>
    `| ${cells.map((text, column) => text.padEnd(widths[column] ?? 0, fill)).join(' | ')} |`;
  const [header = [], ...rest] = rows;
  return [
    line(header),
    line(
      header.map(() => ''),
      '-',
    ),
    ...rest.map((row) => line(row)),
  ];
}
