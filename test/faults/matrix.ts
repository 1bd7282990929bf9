import { arises, type Cell, injectionPointsOf, play } from './cell.ts';
import { type FaultKind, faultKinds, type InjectionPoint } from './faults.ts';
import { outcomes, type StepOutcome } from './oracle.ts';
import { type Step, steps } from './steps.ts';

/** A fault that cannot inject a step. */
export const NEVER = '·';

/** Outcomes by fault and step, in the order of both. */
export type Matrix = ReadonlyMap<FaultKind, ReadonlyMap<Step, StepOutcome | typeof NEVER>>;

/** Plays every cell. */
export async function playMatrix(onCell: (cell: Cell) => void): Promise<Matrix> {
  const matrix = new Map(faultKinds.map((fault) => [fault, new Map<Step, StepOutcome | '·'>()]));
  for (const step of steps) {
    const points = await injectionPointsOf(step);
    for (const fault of faultKinds) {
      if (!arises(step, fault, points)) {
        matrix.get(fault)?.set(step, NEVER);
        continue;
      }
      const cell = await play(step, fault);
      matrix.get(fault)?.set(step, cell.outcome);
      onCell(cell);
    }
  }
  return matrix;
}

/** What a person reads, the terminal as well as the docs. */
export function toMarkdown(matrix: Matrix): string {
  const header = ['where', 'what goes wrong', ...steps.map(({ name }) => name)];
  const rows = [...matrix].map(([fault, cells]) => [
    points[fault.point],
    fault.name,
    ...steps.map((step) => cells.get(step) ?? NEVER),
  ]);
  const count = (outcome: string) => rows.flat().filter((text) => text === outcome).length;
  const legend = Object.entries(outcomes).map(
    ([outcome, meaning]) => `- **${outcome}** (${count(outcome)}): ${meaning}`,
  );
  return [
    '# Every step under every fault',
    '',
    'What becomes of each step in the life of a deployment while something goes wrong. Each cell is played',
    'by `npm run faults`, which writes this file, and held to one rule (`oracle.ts`); `npm test` plays them',
    'all, and compares.',
    '',
    ...legend,
    `- ${NEVER}: the fault cannot inject this step`,
    '',
    'In no cell does a step hang, claim a success that is none, or show a secret; and in each that fails,',
    'the reason names cause and cure, and the cure is then tried.',
    '',
    ...table([header, ...rows]),
    '',
  ].join('\n');
}

/** The outcome that a committed table has for a cell. */
export function outcomeIn(markdown: string, step: Step, fault: FaultKind): string | undefined {
  const rows = markdown
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.split('|').map((text) => text.trim()));
  const column = rows[0]?.indexOf(step.name) ?? -1;
  const row = rows.find(([, where, what]) => where === points[fault.point] && what === fault.name);
  return row?.[column];
}

/** Rows and columns of a committed table, by name. */
export function namesIn(markdown: string): string[] {
  const rows = markdown.split('\n').filter((line) => line.startsWith('|'));
  const columns = rows[0]?.split('|').slice(3, -1) ?? [];
  return [...columns, ...rows.slice(2).map((row) => row.split('|').slice(1, 3).join('|'))].map(
    (name) => name.replaceAll(/ +/g, ' ').trim(),
  );
}

export function namesOfAll(): string[] {
  return [
    ...steps.map(({ name }) => name),
    ...faultKinds.map(({ point, name }) => `${points[point]} | ${name}`),
  ];
}

const points: Record<InjectionPoint, string> = {
  'every call': 'each call to Telegram',
  getMe: 'getMe',
  getWebhookInfo: 'getWebhookInfo, before',
  setWebhook: 'setWebhook',
  verify: 'getWebhookInfo, after',
  removal: 'setWebhook that removes',
  'look-up': "Telegram's look-up",
  probe: 'the probe',
  proof: 'the proof of a queued bot',
  secret: 'Secrets Manager',
};

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
