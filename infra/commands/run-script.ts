import { type ChildProcess, spawn } from 'node:child_process';

/**
 * Runs a script of package.json in this terminal. It starts npm's own program, because `npm` is a shell script on
 * Windows, where Node starts none without a shell.
 *
 * @param options.isDetached whether Ctrl-C does not reach it
 */
export function runScript(
  script: string,
  args: readonly string[],
  { isDetached = false } = {},
): ChildProcess {
  const words = ['run', script, ...(args.length > 0 ? ['--', ...args] : [])];
  const { npm_execpath: npm } = process.env;
  const isWindows = process.platform === 'win32';
  return npm
    ? // A detached process has a console window of its own on Windows.
      spawn(process.execPath, [npm, ...words], {
        stdio: 'inherit',
        detached: isDetached && !isWindows,
      })
    : spawn('npm', words, { stdio: 'inherit', shell: isWindows });
}
