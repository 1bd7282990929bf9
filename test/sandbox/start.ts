/**
 * `npm start`: deploys the app to the sandbox, opens a chat with the bot, and destroys the app again.
 * The chat goes to standard output, everything else to standard error.
 */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readAppCommand, readCliContext } from './cdk-json.ts';
import { checkMode } from './leniency.ts';
import type { LiveSettings } from './live/real-bot.ts';
import { readLocalSecrets } from './local-secrets.ts';
import { Ignored } from './recording/ignored.ts';
import { RecordingError, readRecording } from './recording/recording.ts';
import { RecordingFile } from './recording/recording-file.ts';
import { synthesize } from './synthesize.ts';
import { clearStatus, note } from './terminal/status-line.ts';
import { line, visible } from './terminal/style.ts';

const usage = `npm start [-- --delivery direct|queued] [-c key=value ...] [--app COMMAND] [--verbose]
              [--online] [--secret NAME=VALUE ...] [--strict] [--record FILE]
              [--live [--from-secret] [--bot PATH] [--telegram-api-root URL]]
              [--replay FILE [--replay-ignore METHOD[.PARAMETER] ...]]

Deploys the CDK app to a local AWS and a local Telegram, and opens a chat with the bot.
  --delivery X   short for -c delivery=X
  -c key=value   context for the app, as with cdk deploy
  --app COMMAND  command that runs the app (default: "app" in cdk.json)
  --verbose      shows every resource of the deploy, as it does when the output is not a terminal
  --online       lets the bot reach the internet, except Telegram and the AWS services that run here
  --secret N=V   value of another secret that the bot reads; .secrets.json holds them as { "NAME": "VALUE" }
  --strict       refuses what is not emulated here, for continuous integration
  --live         runs the bot on the real Telegram, in place of the chat: asks for the token of a development bot, or
                 reads it from the first line of a pipe. It never sets or removes a webhook, and refuses a bot that has one
  --from-secret  with --live: takes the token from the stage's secret, with the AWS credentials of your shell
  --bot PATH     with --live: the bot, by its construct path, if the app has several
  --telegram-api-root URL  with --live: another Bot API server than https://api.telegram.org
  --record FILE  writes the updates, the bot's calls and the small files that it downloads to a new file
  --replay FILE  opens no chat: delivers the updates of a recording, and prints which calls are different.
                 Exits with 0 if none is, with 1 if one is or the deploy fails, with 2 for a recording
                 that cannot be replayed
  --replay-ignore METHOD[.PARAMETER]
                 leaves out calls, or what is different every time: sendMessage.text`;

const interruptedExitCode = 130;
/** Whether the output is read, as far as it is known. */
let isRead = true;

/**
 * Returns a signal that the first Ctrl-C aborts; a second Ctrl-C ends the process immediately. The signal is also aborted
 * when nobody reads the output any more, as in `npm start | head`.
 */
function onInterruption(): AbortSignal {
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (interruption.signal.aborted) {
        clearStatus();
        process.exit(interruptedExitCode);
      }
      note(line`\nInterrupted: cleaning up. Interrupt again to stop immediately.`);
      interruption.abort();
    });
  }
  for (const output of [process.stdout, process.stderr]) {
    output.on('error', () => {
      isRead = false;
      interruption.abort();
    });
  }
  return interruption.signal;
}

/** @throws Error for options that make no sense without `--live`, or a chat's with it */
function readLive(values: {
  live: boolean;
  'from-secret': boolean;
  bot?: string;
  'telegram-api-root'?: string;
}): LiveSettings | undefined {
  const { live, bot: path, 'from-secret': fromSecret, 'telegram-api-root': apiRoot } = values;
  if (live) return { apiRoot, fromSecret, path };
  if (!fromSecret && path === undefined && apiRoot === undefined) return undefined;
  throw new Error('--from-secret, --bot and --telegram-api-root belong to --live');
}

/** Reads what to replay. @throws RecordingError for what is no recording, or Error for options that miss it */
function replayOf(file: string | undefined, ignored: readonly string[]) {
  const names = new Ignored(ignored);
  if (file === undefined && ignored.length > 0) {
    throw new Error('--replay-ignore belongs to --replay');
  }
  return file === undefined ? undefined : { ...readRecording(file), file, ignored: names };
}

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      context: { type: 'string', short: 'c', multiple: true, default: [] },
      app: { type: 'string', short: 'a' },
      delivery: { type: 'string' },
      verbose: { type: 'boolean', short: 'v', default: false },
      online: { type: 'boolean', default: false },
      secret: { type: 'string', multiple: true, default: [] },
      strict: { type: 'boolean', default: false },
      live: { type: 'boolean', default: false },
      'from-secret': { type: 'boolean', default: false },
      bot: { type: 'string' },
      'telegram-api-root': { type: 'string' },
      record: { type: 'string' },
      replay: { type: 'string' },
      'replay-ignore': { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const { app = readAppCommand(), delivery, online, strict, verbose } = values;
  const context = { ...readCliContext(values.context), ...(delivery && { delivery }) };
  const secrets = readLocalSecrets(values.secret);
  const mode = strict ? 'strict' : 'lenient';
  checkMode(mode, online);
  const live = readLive(values);
  if (live && values.replay !== undefined) {
    throw new Error('--replay runs on the local Telegram: leave out --live');
  }
  const replay = replayOf(values.replay, values['replay-ignore']);
  const record = values.record === undefined ? undefined : new RecordingFile(values.record);
  process.once('exit', () => record?.close());
  const interrupted = onInterruption();
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'sandbox-')));
  // Even if a second Ctrl-C ends the process before the sandbox has a watchdog.
  process.once('exit', () => rmSync(directory, { recursive: true, force: true, maxRetries: 3 }));
  const assembly = join(directory, 'cdk.out');
  note(line`Synthesizing the app`);
  const since = Date.now();
  const ending = new AbortController();
  const signal = AbortSignal.any([interrupted, ending.signal]);
  const synthesized = synthesize(assembly, { app, context, signal });
  // `run` awaits it, and reports its failure, when the sandbox has started.
  synthesized.catch(() => {});
  try {
    // The app runs in a process of its own, so loading the sandbox takes no time of its own.
    const { runApp } = await import('./run.ts');
    const succeeded = await runApp(
      {
        ...{ app, context, secrets, mode, online, verbose, live, record, replay },
        directory,
        assembly,
        since,
        synthesized,
      },
      interrupted,
    );
    // Live, Ctrl-C is how a person ends it.
    if (interrupted.aborted && !(live && succeeded)) return interruptedExitCode;
    return succeeded ? 0 : 1;
  } catch (error) {
    if (interrupted.aborted) return interruptedExitCode;
    throw error;
  } finally {
    ending.abort();
    await synthesized.catch(() => {});
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  // Whoever gives a token as an argument reads it in the refusal, and so does the log of a pipeline.
  note(visible(message.replaceAll(/\d+:[\w-]{20,}/g, '<token>')));
  if (String(Object(error).code).startsWith('ERR_PARSE_ARGS')) {
    note(line`npm start -- --help lists the options.`);
  }
  process.exitCode = error instanceof RecordingError ? 2 : 1;
}
// A pipe that nobody reads would keep the process.
if (!isRead) process.exit();
