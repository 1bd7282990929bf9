import { once } from 'node:events';
import { randomId } from '../aws/account.ts';
import { isRegistrar } from '../registrar.ts';
import type { Sandbox } from '../sandbox.ts';
import type { RecordedCall } from '../telegram/bot-api.ts';
import { fakeToken } from '../telegram/fake-token.ts';
import { typeOf } from '../telegram/update-types.ts';
import type { LocalBot } from '../terminal/bots.ts';
import { InTransit, updateIn } from '../terminal/in-transit.ts';
import type { Staging } from '../terminal/staging.ts';
import { type SafeText, visible } from '../terminal/style.ts';
import { CallRecord } from '../timeline/call-record.ts';
import type { UpdateEntry } from '../timeline/entries.ts';
import { Scrubber } from '../timeline/scrubber.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { compareUpdates } from './compare.ts';
import { describeDifference, describeReplay } from './describe-difference.ts';
import type { Ignored } from './ignored.ts';
import { comparable, isDone, lastAttempt } from './last-attempt.ts';
import type { MatchedBot } from './match-bots.ts';
import { Playback } from './playback.ts';
import type { Recording, RecordingUpdate } from './recording.ts';

export interface ReplayOptions extends Pick<Recording, 'updates'> {
  readonly staging: Staging;
  readonly timeline: Timeline;
  /** Name of the recording's file. */
  readonly file: string;
  readonly bots: readonly MatchedBot[];
  readonly ignored: Ignored;
  readonly print: (text: SafeText) => void;
}

/**
 * Delivers the updates of a recording to the bots of a deployed app, each when the one before it is done, and compares
 * what the bots do. Their calls are answered from the recording.
 */
export class Replay {
  private readonly options: ReplayOptions;
  private readonly playback = new Playback();

  constructor(options: ReplayOptions) {
    this.options = options;
    const { telegram } = options.staging.sandbox;
    const scrubber = new Scrubber();
    const ofRegistrar = callsOfRegistrar(options.staging.sandbox);
    telegram.answerInstead = (call) => {
      if (ofRegistrar.has(call)) return undefined;
      const { method, parameters } = new CallRecord(call, { key: '', at: 0, scrubber }).value;
      return this.playback.answer({ method, parameters: comparable(parameters) });
    };
    telegram.fileInstead = (path) => this.playback.file(path);
  }

  /** Prints every difference, then a summary. @returns whether all updates were replayed without a difference */
  async run(interrupted: AbortSignal): Promise<boolean> {
    const { updates, file, ignored, print } = this.options;
    const interruption = once(interrupted, 'abort').then(() => undefined);
    let changed = 0;
    for (const [index, record] of updates.entries()) {
      const now = interrupted.aborted
        ? undefined
        : await Promise.race([this.repeat(record), interruption]);
      if (!now) {
        print(visible(`${describeReplay(index, changed)}, ${updates.length - index} not replayed`));
        return false;
      }
      const difference = compareUpdates(record, now, ignored);
      if (!difference) continue;
      changed++;
      const { notes } = this.playback;
      print(describeDifference({ at: `${file}:${index + 2}`, record, difference, notes }));
    }
    print(visible(describeReplay(updates.length, changed)));
    return changed === 0;
  }

  /** Delivers an update again. @returns what the bot has done now */
  private async repeat(record: RecordingUpdate): Promise<RecordingUpdate> {
    const { staging, timeline, bots } = this.options;
    const { update, attempts } = record;
    const { declared } = bots.find((one) => one.recordedPath === record.bot) as MatchedBot;
    const local = staging.findLocalBots().find(({ path }) => path === declared.path) as LocalBot;
    this.playback.begin(record);
    if (staging.sandbox.telegram.deliver(local.bot.id, update) === undefined) {
      const failed = `the webhook's allowedUpdates do not include ${typeOf(update)}`;
      return { ...record, failed, calls: [] };
    }
    timeline.markOrigin(local.bot.id, update.update_id, 'replayed');
    const done = this.done(local.bot.id, update.update_id);
    const stop = this.limitAttempts(local, record, attempts ?? 1);
    const entry = await done;
    stop();
    return lastAttempt(entry, record.bot);
  }

  /** Resolves when nothing is left to do for an update. */
  private done(botId: number, updateId: number): Promise<UpdateEntry> {
    return new Promise((resolve) => {
      const stop = this.options.timeline.changed.listen((entry) => {
        if (entry.kind !== 'update' || entry.botId !== botId) return;
        if (entry.update.update_id !== updateId || !isDone(entry)) return;
        stop();
        resolve(entry);
      });
    });
  }

  /** Tries an update again at once when it fails, and drops it after the last attempt. @returns what ends that */
  private limitAttempts(local: LocalBot, record: RecordingUpdate, limit: number): () => void {
    const { telegram, aws } = this.options.staging.sandbox;
    const { update_id } = record.update;
    const inTransit = new InTransit(telegram, local);
    let failures = 0;
    const onFailure = () => {
      if (++failures >= limit) return inTransit.drop(update_id);
      this.playback.begin(record);
      inTransit.retry();
    };
    const stops = [
      telegram.attempted.listen(({ botId, update, problem }) => {
        const isIt = botId === local.bot.id && update.update_id === update_id;
        if (isIt && problem !== undefined) onFailure();
      }),
      aws.eventSources.handled.listen((report) => {
        if (report.queueArn !== local.queue?.arn) return;
        inTransit.onBatch(report);
        const message = report.batch.find((one) => updateIn(one).update_id === update_id);
        if (message && report.failedIds.has(message.id)) onFailure();
      }),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }
}

/** Lets the bots of an app, before they are provided, be who they were when they were recorded. */
export function useRecordedBots(sandbox: Sandbox, bots: readonly MatchedBot[]): void {
  for (const { declared, recorded } of bots) {
    if (!recorded) continue;
    const { id, username, firstName } = recorded;
    const token = fakeToken(id, randomId(24));
    const { tokenSecret, switches } = declared;
    sandbox.useProfile(tokenSecret, { token, username, firstName, switches });
  }
}

/** Returns the calls that the registrar makes from now on: of its watch, which no recording has. */
function callsOfRegistrar({ aws, telegram }: Sandbox): WeakSet<RecordedCall> {
  const ports = new Set<number>();
  const calls = new WeakSet<RecordedCall>();
  aws.lambda.invocations.listen((event) => {
    if (event.kind === 'started' && isRegistrar(event.configuration)) ports.add(event.networkPort);
  });
  telegram.called.listen(({ call, port }) => {
    if (port !== undefined && ports.has(port)) calls.add(call);
  });
  return calls;
}
