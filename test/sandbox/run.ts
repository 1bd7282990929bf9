import { fileURLToPath } from 'node:url';
import { readAssembly } from './cloudformation/assembly.ts';
import type { Mode } from './leniency.ts';
import { LiveMode } from './live/live-mode.ts';
import {
  checkApiRoots,
  identifyRealBot,
  type LiveSettings,
  type RealBot,
} from './live/real-bot.ts';
import type { Page } from './page/page.ts';
import { PageServer } from './page/server.ts';
import { matchBots } from './recording/match-bots.ts';
import { botRecords, Recorder } from './recording/recorder.ts';
import type { Recording } from './recording/recording.ts';
import type { RecordingFile } from './recording/recording-file.ts';
import { Replay, type ReplayOptions, useRecordedBots } from './recording/replay.ts';
import { isRegistrar } from './registrar.ts';
import type { Reload } from './reload/reload.ts';
import { Sandbox } from './sandbox.ts';
import { synthesize } from './synthesize.ts';
import { chat, type Print } from './terminal/chat.ts';
import { keepLive, type ReloadedSession } from './terminal/live.ts';
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
  /** Absent for a chat with the emulated Telegram. */
  readonly live?: LiveSettings;
  /** Where to record what happens. */
  readonly record: RecordingFile | undefined;
  /** What to replay in place of a chat. */
  readonly replay: (Recording & Pick<ReplayOptions, 'file' | 'ignored'>) | undefined;
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

/** Chats, or lets people use the bot; returns whether all went well. */
type Talk = (options: {
  readonly onOpen: (print: Print, session: ReloadedSession) => void;
}) => Promise<boolean>;

/** Talks. In the meantime it shows the page, reloads what is saved, and checks the types. */
async function talkAndReload(
  talk: Talk,
  staging: Staging,
  timeline: Timeline,
  { app, context, assembly, since, mode }: Settings,
  real: RealBot | undefined,
  reporting: Reporting,
  interrupted: AbortSignal,
): Promise<boolean> {
  const { sandbox } = staging;
  const ending = new AbortController();
  const signal = AbortSignal.any([ending.signal, interrupted]);
  let types: TypeChecks | undefined;
  let live: Promise<Reload> | undefined;
  let assemblies = 0;
  const server = await PageServer.start({
    sandbox,
    staging,
    timeline,
    real: real && { botId: real.id, apiRoot: real.api.root },
  });
  const { page } = server;
  reporting.page = page;
  try {
    return await talk({
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
            if (real) checkApiRoots(readAssembly(folder, mode));
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

/** Lets something happen to the deployed bots, and records it if that is wanted. */
async function recorded(
  staging: Staging,
  timeline: Timeline,
  { record }: Settings,
  act: () => Promise<boolean>,
): Promise<boolean> {
  if (!record) return act();
  const bots = () => botRecords(staging.findLocalBots());
  const recorder = new Recorder({ file: record, timeline, bots, date: new Date() });
  try {
    return await act();
  } finally {
    note(visible(recorder.close()));
  }
}

/**
 * Starts a sandbox, deploys the app as soon as it is synthesized, chats with its bot and destroys everything.
 *
 * @returns whether all of it succeeded
 */
export async function runApp(settings: Settings, interrupted: AbortSignal): Promise<boolean> {
  const { directory, mode, online, secrets, verbose, record, replay } = settings;
  const stacks = async () => {
    await settings.synthesized;
    return readAssembly(settings.assembly, mode);
  };
  const real = settings.live && (await identifyRealBot(settings.live, stacks, interrupted));
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
    const deployed = await stacks();
    const bots = replay && matchBots(replay, deployed);
    if (bots) useRecordedBots(sandbox, bots);
    if (record || replay) sandbox.aws.eventSources.maxBatchSize = 1;
    const live = real && new LiveMode(sandbox, real);
    const staging = new Staging(sandbox, deployed, progress);
    const strict = mode === 'strict';
    const talk: Talk = (options) =>
      live
        ? live.run(staging, interrupted, options)
        : chat(staging, interrupted, { strict, ...options });
    try {
      if (!(await staging.deploy(interrupted))) return false;
      return await recorded(staging, timeline, settings, async () => {
        if (!replay || !bots) {
          return talkAndReload(talk, staging, timeline, settings, real, reporting, interrupted);
        }
        const print: Print = (text) => process.stdout.write(`${text}\n`);
        return new Replay({ ...replay, staging, timeline, bots, print }).run(interrupted);
      });
    } finally {
      await staging.destroy();
    }
  } finally {
    timeline.close();
    await sandbox.close();
  }
}
