import { fileURLToPath } from 'node:url';
import type { Mode } from './leniency.ts';
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
import { keepLive } from './terminal/live.ts';
import { newProgress } from './terminal/progress.ts';
import { Staging } from './terminal/staging.ts';
import { note } from './terminal/status-line.ts';
import { style, visible } from './terminal/style.ts';
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

/** Chats. In the meantime it reloads what is saved, and checks the types. */
async function chatAndReload(
  staging: Staging,
  { app, context, mode, assembly, since }: Settings,
  printing: { note: Print },
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
      strict: mode === 'strict',
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
  const progress = newProgress({ verbose });
  /** Prints notes of the sandbox: while a chat is open, above its prompt. */
  const printing = { note };
  const sandbox = await Sandbox.start({
    ...{ directory, mode, online, secrets },
    sourceMaps: true,
    failsFast: true,
    skipsWaits: isRegistrar,
    onNote: (text) => printing.note(style('yellow', text)),
    onEvent: (event) => progress.onEvent(event),
  });
  const timeline = Timeline.of(sandbox, { root });
  try {
    await settings.synthesized;
    const stacks = sandbox.readAssembly(settings.assembly);
    const bots = replay && matchBots(replay, stacks);
    if (bots) useRecordedBots(sandbox, bots);
    if (record || replay) sandbox.aws.eventSources.maxBatchSize = 1;
    const staging = new Staging(sandbox, stacks, progress);
    try {
      if (!(await staging.deploy(interrupted))) return false;
      return await recorded(staging, timeline, settings, async () => {
        if (!replay || !bots) return chatAndReload(staging, settings, printing, interrupted);
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
