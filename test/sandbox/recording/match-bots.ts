import type { StackArtifact } from '../cloudformation/assembly.ts';
import { declaredBotsOf, type StackBot } from '../declared-bots.ts';
import { type Recording, type RecordingBot, RecordingError } from './recording.ts';

/** A bot of today's app that a recording has updates for. */
export interface MatchedBot {
  /** Path of its construct when it was recorded. */
  readonly recordedPath: string;
  readonly declared: StackBot;
  /** Who it was. Absent if it was deployed after the recording's first update. */
  readonly recorded?: RecordingBot;
}

/**
 * Finds the recorded bots in an app by their paths. A recording of one bot also fits an app with one bot, because another
 * stage has another path.
 *
 * @throws RecordingError that names a bot that the app does not have
 */
export function matchBots(
  { bots, updates }: Recording,
  stacks: readonly StackArtifact[],
): MatchedBot[] {
  const inApp = stacks.flatMap(declaredBotsOf);
  const paths = [...new Set(updates.map(({ bot }) => bot))];
  const isOnly = inApp.length === 1 && paths.length === 1;
  return paths.map((recordedPath) => {
    const declared = inApp.find(({ path }) => isOnly || path === recordedPath);
    if (declared) {
      return { recordedPath, declared, recorded: bots.find(({ path }) => path === recordedPath) };
    }
    const present = inApp.map(({ path }) => path).join(', ') || 'no bot';
    throw new RecordingError(
      `The recording has updates for ${recordedPath}, and the app has ${present}. A bot is recognized by the path of its ` +
        'construct: record again, or change the path in the recording if only that is new.',
    );
  });
}
