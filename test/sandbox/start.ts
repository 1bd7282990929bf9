/**
 * `npm start`: deploys the app to the sandbox, opens a chat with the bot, and destroys the app again.
 * The chat goes to standard output, everything else to standard error.
 */
import { parseArgs } from 'node:util';
import { readAppCommand, readCliContext } from './cdk-json.ts';
import { readLocalSecrets } from './local-secrets.ts';
import { Sandbox } from './sandbox.ts';
import { synthesize } from './synthesize.ts';
import { chat, type Print } from './terminal/chat.ts';
import { Progress } from './terminal/progress.ts';
import { Staging } from './terminal/staging.ts';
import { line, note, style, visible } from './terminal/style.ts';
import { describeTypeFaults } from './terminal/type-faults.ts';
import { checkTypes, type TypeCheckOptions } from './type-check.ts';

const usage = `npm start [-- --delivery direct|queued] [-c key=value ...] [--app COMMAND]
              [--online] [--secret NAME=VALUE ...] [--strict]

Deploys the CDK app to a local AWS and a local Telegram, and opens a chat with the bot.
  --delivery X   short for -c delivery=X
  -c key=value   context for the app, as with cdk deploy
  --app COMMAND  command that runs the app (default: "app" in cdk.json)
  --online       lets the bot reach the internet, except Telegram and the AWS services that run here
  --secret N=V   value of another secret that the bot reads; .secrets.json holds them as { "NAME": "VALUE" }
  --strict       refuses what is not emulated here, for continuous integration`;

const interruptedExitCode = 130;

/** Returns a signal that the first Ctrl-C aborts; a second Ctrl-C ends the process immediately. */
function onInterruption(): AbortSignal {
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (interruption.signal.aborted) process.exit(interruptedExitCode);
      note(line`\nInterrupted: cleaning up. Interrupt again to stop immediately.`);
      interruption.abort();
    });
  }
  return interruption.signal;
}

/**
 * Chats, and checks the types in the meantime. They are not checked earlier, because the compiler would keep the
 * processor from the deploy. Nothing waits for them: a check that is not done at the end of the chat is ended.
 */
async function chatAndCheckTypes(staging: Staging, interrupted: AbortSignal): Promise<boolean> {
  const { sandbox } = staging;
  const ending = new AbortController();
  let check: Promise<void> | undefined;
  try {
    return await chat(staging, interrupted, {
      onOpen(print) {
        check = reportTypeFaults(print, { signal: ending.signal, watchdog: sandbox.watchdog });
      },
    });
  } finally {
    ending.abort();
    await check;
  }
}

async function reportTypeFaults(print: Print, options: TypeCheckOptions): Promise<void> {
  const report = describeTypeFaults(await checkTypes(options));
  if (report) print(report);
}

/** Deploys the app, chats with its bot and destroys it again. @returns whether all of it succeeded */
async function run(
  sandbox: Sandbox,
  { app, context }: { app: string; context: Record<string, unknown> },
  interrupted: AbortSignal,
): Promise<boolean> {
  const assembly = sandbox.folder('cdk.out');
  if (interrupted.aborted) return false;
  note(line`Synthesizing the app`);
  await synthesize(assembly, { app, context, signal: interrupted });
  const staging = new Staging(sandbox, sandbox.readAssembly(assembly));
  try {
    if (!(await staging.deploy(interrupted))) return false;
    return await chatAndCheckTypes(staging, interrupted);
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
  const { app = readAppCommand(), delivery } = values;
  const context = { ...readCliContext(values.context), ...(delivery && { delivery }) };
  const progress = new Progress(note);
  const interrupted = onInterruption();
  const sandbox = await Sandbox.start({
    sourceMaps: true,
    failsFast: true,
    mode: values.strict ? 'strict' : 'lenient',
    online: values.online,
    secrets: readLocalSecrets(values.secret),
    onNote: (text) => note(style('yellow', text)),
    onEvent: (event) => progress.onEvent(event),
  });
  try {
    const succeeded = await run(sandbox, { app, context }, interrupted);
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
