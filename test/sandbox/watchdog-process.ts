/**
 * The main module of the watchdog's process. Standard input tells it which processes to watch over:
 * `+<pid>` and `-<pid>`, one a line. When it closes, the sandbox has ended without closing, however that
 * happened. The first argument is the sandbox's directory.
 */
import { rmSync } from 'node:fs';
import { signalGroup } from './aws/lambda/process-group.ts';

const pids = new Set<number>();
let rest = '';

// What ends the sandbox must not end the watchdog with it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

process.stdin.setEncoding('utf8').on('data', (text: string) => {
  // A sandbox that is killed may leave half a line, which names another process.
  const lines = (rest + text).split('\n');
  rest = lines.pop() ?? '';
  for (const line of lines) {
    const pid = Number(line.slice(1));
    if (line.startsWith('+')) pids.add(pid);
    else pids.delete(pid);
  }
});

process.stdin.on('close', () => {
  for (const pid of pids) signalGroup(pid, 'SIGKILL');
  rmSync(String(process.argv[2]), { recursive: true, force: true, maxRetries: 3 });
});
