import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import type { Credentials, Sandbox } from '../sandbox/index.ts';

/** The app of a stack `TelegramBot-test` with one bot, for commands that run the app. */
export const appOptions = [
  '--app',
  'node --import tsx test/end-to-end/start-app.ts',
  '-c',
  'stage=test',
];

export interface CommandRun {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Returns the environment of an operator's shell in the sandbox's account. */
export function commandEnvironment(
  { aws, network }: Sandbox,
  credentials: Credentials = aws.iam.administrator(),
): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    TERM: 'xterm',
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
    ...network.childEnvironment(),
  };
}

/**
 * Runs an operator's command, as its npm script does, in the sandbox's account.
 *
 * @param name of its folder in `infra/commands`
 * @param credentials whose permissions it has; by default all
 */
export async function runCommand(
  sandbox: Sandbox,
  name: string,
  args: readonly string[],
  credentials?: Credentials,
): Promise<CommandRun> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', `infra/commands/${name}/cli.ts`, ...args],
    {
      env: commandEnvironment(sandbox, credentials),
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { exitCode: await exit, stdout, stderr };
}
