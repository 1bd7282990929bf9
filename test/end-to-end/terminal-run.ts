import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished } from 'vitest';
import { leftIn, startCommand, temporaryDirectory } from './start-run.ts';

/** `script` of util-linux gives a command a pseudo-terminal, and passes its exit code on. */
export const hasTerminal =
  process.platform === 'linux' && spawnSync('script', ['--version']).status === 0;

export const CTRL_C = '\x03';
export const CTRL_D = '\x04';

export interface PseudoTerminal {
  /** Everything that was shown, with the terminal's control sequences. */
  readonly shown: () => string;
  readonly type: (keys: string) => void;
  /** Resolves when the text has been shown since the last call. */
  readonly shows: (text: string) => Promise<void>;
  readonly ended: () => Promise<{ exitCode: number | null; left: readonly string[] }>;
}

/** Runs what `npm start` runs in a terminal of 50 columns. */
export function openTerminal(...args: string[]): PseudoTerminal {
  const directory = temporaryDirectory();
  const quoted = startCommand(args).map((word) => `'${word}'`);
  const command = `stty cols 50 rows 40; exec ${quoted.join(' ')}`;
  const child = spawn('script', ['-qefc', command, '/dev/null'], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    env: { ...process.env, TMPDIR: directory, TERM: 'xterm', NO_COLOR: '1' },
  });
  onTestFinished(() => void child.kill());
  const exited = once(child, 'exit');
  let shown = '';
  let seen = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
  });
  return {
    shown: () => shown,
    type: (keys) => void child.stdin.write(keys),
    async shows(text) {
      await expect.poll(() => shown.indexOf(text, seen), { timeout: 100_000 }).not.toBe(-1);
      seen = shown.indexOf(text, seen) + text.length;
    },
    async ended() {
      const [exitCode] = await exited;
      return { exitCode, left: leftIn(directory) };
    },
  };
}
