import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { gone } from './aws/fixtures.ts';

let directory: string;
const sleepers: ChildProcess[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'watched-'));
  writeFileSync(join(directory, 'file'), '');
});

afterEach(() => {
  for (const sleeper of sleepers.splice(0)) sleeper.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

function startSleeper(): number {
  const sleeper = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
    detached: true,
    stdio: 'ignore',
  });
  sleepers.push(sleeper);
  return Number(sleeper.pid);
}

/** Runs `code` in a process that has a watchdog. Resolves with what it prints, once it has ended. */
async function runWithWatchdog(code: string): Promise<string> {
  const module = JSON.stringify(new URL('watchdog.ts', import.meta.url).href);
  const script = `
    const { Watchdog } = await import(${module});
    const watchdog = await Watchdog.start(${JSON.stringify(directory)});
    ${code}`;
  const parent = spawn(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '--eval', script],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [output] = await Promise.all([text(parent.stdout), once(parent, 'exit')]);
  return output;
}

it.each([
  ['is killed', "process.kill(process.pid, 'SIGKILL');"],
  ['crashes', 'process.on("uncaughtException", () => process.exit(1)); throw new Error("crash");'],
  ['exits', 'process.exit();'],
  ['just ends', ''],
])('kills the processes and removes the files when the sandbox %s', async (_how, ending) => {
  const [stopped, running, forgotten] = [startSleeper(), startSleeper(), startSleeper()];
  process.kill(stopped, 'SIGSTOP');
  await runWithWatchdog(`
    for (const pid of [${stopped}, ${forgotten}, ${running}]) watchdog.watch(pid);
    watchdog.forget(${forgotten});
    ${ending}`);
  await Promise.all([stopped, running].map(gone));
  await expect.poll(() => existsSync(directory), { timeout: 60_000 }).toBe(false);
  expect(process.kill(forgotten, 0)).toBe(true);
});

it('ends without doing anything when the sandbox is closed', async () => {
  const pid = startSleeper();
  const output = await runWithWatchdog(`
    watchdog.watch(${pid});
    await watchdog.close();
    await watchdog.close();
    console.log(watchdog.child.pid);`);
  await gone(Number(output));
  expect(process.kill(pid, 0)).toBe(true);
  expect(existsSync(join(directory, 'file'))).toBe(true);
});

it('does not stop the sandbox when another program kills it', async () => {
  const output = await runWithWatchdog(`
    watchdog.child.ref();
    process.kill(watchdog.child.pid, 'SIGKILL');
    await new Promise((resolve) => watchdog.child.once('exit', resolve));
    watchdog.watch(process.pid);
    await watchdog.close();
    console.log('alive');`);
  expect(output).toBe('alive\n');
});
