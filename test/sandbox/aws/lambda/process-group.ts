/** Signals a function's process and all processes that it started. Does nothing when they have ended. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  // Windows has no process groups, and ends the process itself alone.
  const target = process.platform === 'win32' ? pid : -pid;
  try {
    process.kill(target, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
