/**
 * `npm start`: deploys the app to the sandbox, opens a chat with the bot, and destroys the app again.
 * The chat goes to standard output, everything else to standard error.
 */
import { parseArgs } from 'node:util';
import { readAppCommand, readCliContext } from './cdk-json.ts';
import { readLocalSecrets } from './local-secrets.ts';
import type { Reload } from './reload/reload.ts';
import { Sandbox } from './sandbox.ts';
import { synthesize } from './synthesize.ts';
import { chat, type Print } from './terminal/chat.ts';
import { keepLive } from './terminal/live.ts';
import { newProgress, type Progress } from './terminal/progress.ts';
import { Staging } from './terminal/staging.ts';
import { clearStatus, note } from './terminal/status-line.ts';
import { line, style, visible } from './terminal/style.ts';
import { TypeChecks } from './terminal/type-checks.ts';

const usage = `npm start [-- --delivery direct|queued] [-c key=value ...] [--app COMMAND] [--verbose]
              [--online] [--secret NAME=VALUE ...] [--strict]

Deploys the CDK app to a local AWS and a local Telegram, and opens a chat with the bot.
  --delivery X   short for -c delivery=X
  -c key=value   context for the app, as with cdk deploy
  --app COMMAND  command that runs the app (default: "app" in cdk.json)
  --verbose      shows every resource of the deploy, as it does when the output is not a terminal
  --online       lets the bot reach the internet, except Telegram and the AWS services that run here
  --secret N=V   value of another secret that the bot reads; .secrets.json holds them as { "NAME": "VALUE" }
  --strict       refuses what is not emulated here, for continuous integration`;

const interruptedExitCode = 130;

interface Settings {
  readonly app: string;
  readonly context: Record<string, unknown>;
  readonly progress: Progress;
  readonly strict: boolean;
  /** How notes of the sandbox are printed: while a chat is open, above its prompt. */
  readonly printing: { note: Print };
}

/** Returns a signal that the first Ctrl-C aborts; a second Ctrl-C ends the process immediately. */
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
  return interruption.signal;
}

/** Chats. In the meantime it reloads what is saved, and checks the types. */
async function chatAndReload(
  staging: Staging,
  { assembly, since }: { assembly: string; since: number },
  { app, context, strict, printing }: Settings,
  interrupted: AbortSignal,
): Promise<boolean> {
  const { sandbox } = staging;
  const ending = new AbortController();
  const signal = AbortSignal.any([ending.signal, interrupted]);
  let types: TypeChecks | undefined;
  let live: Promise<Reload> | undefined;
  let assemblies = 0;
  try {
    return await chat(staging, interrupted, {
      strict,
      onOpen(print, session) {
        printing.note = print;
        types = new TypeChecks(sandbox, print);
        types.check();
        live = keepLive({
          ...{ staging, session, print, assembly, since },
          isWarm: process.stdin.isTTY === true,
          onChange: () => types?.check(),
          async synthesize() {
            const folder = sandbox.folder(`cdk.out-${++assemblies}`);
            await synthesize(folder, { app, context, signal });
            return folder;
          },
        });
        live.catch((error) => print(style('yellow', `Nothing is reloaded: ${error.message}`)));
      },
    });
  } finally {
    ending.abort();
    printing.note = note;
    await types?.end();
    // Without it the chat goes on as well: not every file system can be watched.
    await live?.then(
      (reload) => reload.close(),
      () => {},
    );
  }
}

/** Deploys the app, chats with its bot and destroys it again. @returns whether all of it succeeded */
async function run(
  sandbox: Sandbox,
  settings: Settings,
  interrupted: AbortSignal,
): Promise<boolean> {
  const assembly = sandbox.folder('cdk.out');
  if (interrupted.aborted) return false;
  note(line`Synthesizing the app`);
  const { app, context, progress } = settings;
  const since = Date.now();
  await synthesize(assembly, { app, context, signal: interrupted });
  const staging = new Staging(sandbox, sandbox.readAssembly(assembly), progress);
  try {
    if (!(await staging.deploy(interrupted))) return false;
    return await chatAndReload(staging, { assembly, since }, settings, interrupted);
  } finally {
    await staging.destroy();
  }
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
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const { app = readAppCommand(), delivery, strict, verbose } = values;
  const context = { ...readCliContext(values.context), ...(delivery && { delivery }) };
  const progress = newProgress({ verbose });
  const interrupted = onInterruption();
  const printing = { note };
  const sandbox = await Sandbox.start({
    sourceMaps: true,
    failsFast: true,
    mode: values.strict ? 'strict' : 'lenient',
    online: values.online,
    secrets: readLocalSecrets(values.secret),
    onNote: (text) => printing.note(style('yellow', text)),
    onEvent: (event) => progress.onEvent(event),
  });
  try {
    const succeeded = await run(sandbox, { app, context, progress, strict, printing }, interrupted);
    if (interrupted.aborted) return interruptedExitCode;
    return succeeded ? 0 : 1;
  } catch (error) {
    if (interrupted.aborted) return interruptedExitCode;
    throw error;
  } finally {
    await sandbox.close();
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  note(visible(error instanceof Error ? error.message : String(error)));
  process.exitCode = 1;
}
