import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { StackEvent } from '../cloudformation/cloudformation.ts';
import { LineProgress, newProgress, TableProgress } from './progress.ts';
import { note } from './status-line.ts';
import { line } from './style.ts';
import { widthOf } from './width.ts';

let written: string;

beforeEach(() => {
  written = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written += text;
    return true;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  setTerminal(undefined, undefined);
});

function setTerminal(isTTY: boolean | undefined, columns: number | undefined): void {
  Object.assign(process.stderr, { isTTY, columns });
}

const event = (logicalId: string, status: string, more: Partial<StackEvent> = {}): StackEvent => ({
  ...{ time: 0, stackName: 'Kit', logicalId, type: 'AWS::SQS::Queue', status },
  ...{ path: `Kit/Bot/${logicalId}/Resource` },
  ...more,
});

describe('on a terminal', () => {
  const progress = new LineProgress();
  const screen = () => written.split('\n').map((row) => row.split('\r\x1b[K').at(-1));

  it('one line changes, and a short one stays', () => {
    progress.start('Deploying', 'Kit', 2);
    progress.onEvent(event('One', 'CREATE_IN_PROGRESS'));
    progress.onEvent(event('Two', 'CREATE_IN_PROGRESS'));
    progress.onEvent(event('One', 'CREATE_COMPLETE'));
    expect(screen()).toEqual(['Deploying Kit: 1 of 2 resources, AWS::SQS::Queue Bot/Two']);
    progress.onEvent(event('Two', 'CREATE_COMPLETE'));
    progress.end(true);
    expect(screen()).toEqual([expect.stringMatching(/^Deployed Kit in \d+\.\d s$/), '']);
  });

  it('the line never takes the whole width, however wide its characters are', () => {
    setTerminal(true, 50);
    progress.start('Deploying', 'Kit', 2);
    progress.onEvent(event('One', 'CREATE_IN_PROGRESS', { path: `Kit/${'世界'.repeat(30)}` }));
    progress.end(false);
    const rows = written.split('\r\x1b[K');
    expect(rows.some((row) => row.endsWith('…'))).toBe(true);
    for (const row of rows) expect(widthOf(row)).toBeLessThan(50);
  });

  it('notes appear above the line, which stays the last one', () => {
    progress.start('Deploying', 'Kit', 2);
    note(line`a note`);
    expect(screen()).toEqual(['a note', 'Deploying Kit: 0 of 2 resources']);
    progress.end(false);
    expect(screen()).toEqual(['a note', '']);
  });

  it('what has failed is printed with its reason, and what was cancelled by it is not', () => {
    progress.start('Deploying', 'Kit', 3);
    progress.onEvent(event('One', 'CREATE_FAILED', { reason: 'No such thing' }));
    progress.onEvent(event('Two', 'CREATE_FAILED', { reason: 'Resource creation cancelled' }));
    progress.onEvent(event('Kit', 'ROLLBACK_IN_PROGRESS', { type: 'AWS::CloudFormation::Stack' }));
    expect(screen()).toEqual([
      '  CREATE_FAILED AWS::SQS::Queue Bot/One',
      '  No such thing',
      'Rolling back Kit: 0 of 3 resources',
    ]);
    progress.end(false);
  });
});

it('elsewhere, each resource gets a line', () => {
  const progress = new TableProgress();
  progress.start('Deploying', 'Kit');
  progress.onEvent(event('One', 'CREATE_IN_PROGRESS'));
  progress.onEvent(event('One', 'CREATE_COMPLETE', { time: 1200 }));
  progress.end();
  expect(written).toBe(
    '\nDeploying Kit\n  CREATE_COMPLETE   1.2 s  AWS::SQS::Queue                Bot/One\n',
  );
});

it.each([
  [true, false, LineProgress],
  [true, true, TableProgress],
  [false, false, TableProgress],
])(
  'the table is for pipes and for --verbose (terminal: %s, verbose: %s)',
  (isTTY, verbose, kind) => {
    setTerminal(isTTY, 80);
    vi.stubEnv('TERM', 'xterm');
    expect(newProgress({ verbose })).toBeInstanceOf(kind);
    vi.unstubAllEnvs();
  },
);
