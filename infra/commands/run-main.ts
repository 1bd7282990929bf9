import { withHint } from './aws-hints.ts';

/** The command was called with options that it does not take. Its message says which ones it takes. */
export class WrongOptionError extends Error {
  override readonly name = 'WrongOptionError';
}

/** A person has pressed Ctrl-C. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
}

/** Exit codes that mean the same for every command. `npm run status` also has one for a bot that is not healthy. */
export const ExitCode = { failed: 1, misused: 2, interrupted: 130 } as const;

/** The line of a usage text that explains the exit codes. */
export const exitCodesUsage =
  'The exit code is 0 after success, 1 after a failure, 2 for wrong options, and 130 after Ctrl-C.';

/** Ends a command that only prints when nobody reads it any more: `npm run logs | head`. */
export function endWithReader(output: NodeJS.EventEmitter = process.stdout): void {
  output.on('error', () => process.exit(0));
}

/**
 * Runs a command, and prints the error that ends it.
 *
 * @param main resolves with the exit code
 * @param explain returns what to print of an error
 * @returns the exit code
 */
export async function runMain(
  main: () => Promise<number>,
  explain: (error: Error) => string = withHint,
): Promise<number> {
  try {
    return await main();
  } catch (thrown) {
    const error = thrown as NodeJS.ErrnoException;
    // Of `parseArgs`.
    const isUnknownOption = error.code?.startsWith('ERR_PARSE_ARGS') ?? false;
    console.error(explain(error));
    if (isUnknownOption) console.error('Run the command with --help to see its options.');
    if (error instanceof InterruptedError) return ExitCode.interrupted;
    return isUnknownOption || error instanceof WrongOptionError
      ? ExitCode.misused
      : ExitCode.failed;
  }
}
