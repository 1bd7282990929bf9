import { fileURLToPath } from 'node:url';
import type { Mode } from './leniency.ts';
import type { Page } from './page/page.ts';
import { PageServer } from './page/server.ts';
import { isRegistrar } from './registrar.ts';
import type { Reload } from './reload/reload.ts';
import { Sandbox } from './sandbox.ts';
import { synthesize } from './synthesize.ts';
import { chat, type Print } from './terminal/chat.ts';
import { keepLive } from './terminal/live.ts';
import { newProgress } from './terminal/progress.ts';
import { Staging } from './terminal/staging.ts';
import { note } from './terminal/status-line.ts';
import { line, style, visible } from './terminal/style.ts';
import { TypeChecks } from './terminal/type-checks.ts';
import { Timeline } from './timeline/timeline.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Settings {
  readonly app: string;
  readonly context: Record<string, unknown>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly mode: Mode;
  readonly online: boolean;
  readonly verbose: boolean;
  /** The sandbox's own, with the assembly in it. */
  readonly directory: string;
  readonly assembly: string;
  /** When the synthesis began, in milliseconds since the epoch. */
  readonly since: number;
  /** Resolves when the assembly is complete. */
  readonly synthesized: Promise<void>;
}

/** What reports to the terminal, and to the page while there is one. */
interface Reporting {
  note: Print;
  page?: Page;
}

/** Chats. In the meantime it shows the page, reloads what is saved, and checks the types. */
async function chatAndReload(
  staging: Staging,
  timeline: Timeline,
  { app, context, mode, assembly, since }: Settings,
  reporting: Reporting,
  interrupted: AbortSignal,
): Promise<boolean> {
  const { sandbox } = staging;
  const ending = new AbortController();
  const signal = AbortSignal.any([ending.signal, interrupted]);
  let types: TypeChecks | undefined;
  let live: Promise<Reload> | undefined;
  let assemblies = 0;
  const server = await PageServer.start({ sandbox, staging, timeline, mode: 'local' });
  const { page } = server;
  reporting.page = page;
  try {
    return await chat(staging, interrupted, {
      strict: mode === 'strict',
      onOpen(print, session) {
        reporting.note = print;
        print(line`See your bot: ${visible(server.url)}`);
        types = new TypeChecks(sandbox, print, page);
        types.check();
        live = keepLive({
          ...{ staging, session, print, page, assembly, since },
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
    reporting.note = note;
    reporting.page = undefined;
    await server.close();
    await types?.end();
    // Without it the chat goes on as well: not every file system can be watched.
    await live?.then(
      (reload) => reload.close(),
      () => {},
    );
  }
}

/**
 * Starts a sandbox, deploys the app as soon as it is synthesized, chats with its bot and destroys everything.
 *
 * @returns whether all of it succeeded
 */
export async function runApp(settings: Settings, interrupted: AbortSignal): Promise<boolean> {
  const { directory, mode, online, secrets, verbose } = settings;
  const progress = newProgress({ verbose });
  /** Prints notes of the sandbox: while a chat is open, above its prompt. */
  const reporting: Reporting = { note };
  const sandbox = await Sandbox.start({
    ...{ directory, mode, online, secrets },
    sourceMaps: true,
    failsFast: true,
    skipsWaits: isRegistrar,
    onNote: (text) => reporting.note(style('yellow', text)),
    onEvent(event) {
      progress.onEvent(event);
      reporting.page?.refreshSoon();
    },
  });
  const timeline = Timeline.of(sandbox, { root });
  try {
    await settings.synthesized;
    const staging = new Staging(sandbox, sandbox.readAssembly(settings.assembly), progress);
    try {
      if (!(await staging.deploy(interrupted))) return false;
      return await chatAndReload(staging, timeline, settings, reporting, interrupted);
    } finally {
      await staging.destroy();
    }
  } finally {
    timeline.close();
    await sandbox.close();
  }
}
