import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text as read } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';
import { InterruptedError, runMain, WrongOptionError } from '../../../infra/commands/run-main.ts';

let printed: MockInstance;
beforeEach(() => {
  printed = vi.spyOn(console, 'error').mockReturnValue();
});
afterEach(() => printed.mockRestore());

const text = () => printed.mock.calls.flat().join('\n');

describe('a command', () => {
  it('ends with its own exit code, and then prints nothing', async () => {
    expect(await runMain(async () => 0)).toBe(0);
    expect(await runMain(async () => 1)).toBe(1);
    expect(text()).toBe('');
  });

  it.each<[string, Error, number]>([
    ['a failure', new Error('AWS has no such queue'), 1],
    ['wrong options', new WrongOptionError('Use only one of them'), 2],
    ['Ctrl-C', new InterruptedError('Interrupted'), 130],
  ])('prints the error and ends with an exit code for %s', async (_what, error, exitCode) => {
    expect(await runMain(() => Promise.reject(error))).toBe(exitCode);
    expect(text()).toBe(error.message);
  });

  it('refers to its help after an unknown option', async () => {
    const main = async () => {
      parseArgs({ args: ['--colour'], options: {} });
      return 0;
    };
    expect(await runMain(main)).toBe(2);
    expect(text()).toBe(
      "Unknown option '--colour'\nRun the command with --help to see its options.",
    );
  });

  it('prints what is known about the error', async () => {
    const main = () => Promise.reject(new Error('Region is missing'));
    expect(await runMain(main)).toBe(1);
    expect(text()).toMatch(/^Region is missing\nSet AWS_REGION/);
    expect(await runMain(main, ({ message }) => `${message}!`)).toBe(1);
    expect(text()).toMatch(/Region is missing!$/);
  });
});

it.each(['logs', 'status'])('npm run %s ends in silence when nobody reads it', async (name) => {
  const command = spawn(process.execPath, [
    ...['--import', 'tsx', `infra/commands/${name}/cli.ts`, '--help'],
  ]);
  command.stdout.destroy();
  const errors = read(command.stderr);
  expect(await once(command, 'exit')).toEqual([0, null]);
  expect(await errors).toBe('');
});
