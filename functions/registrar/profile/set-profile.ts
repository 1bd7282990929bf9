import { botIdOf } from '../../bot-token/parse.ts';
import type { DeclaredProfile } from '../../contract.ts';
import type { BotParameters } from '../bot/identify.ts';
import { ProfileError } from '../errors.ts';
import { ATTEMPT_MS, CANCELLED_PROFILE_MS, UNDO_MS } from '../retry/time-budget.ts';
import { type RequestContext, readToken } from '../services.ts';
import { applyProfile, type Done, undo } from './apply.ts';
import { isSamePhoto, loadPhoto, replacePhoto } from './photo.ts';
import type { Applied } from './ration.ts';
import { parseSlots, previousText, settingOf } from './slots.ts';
import type { Unfinished } from './unfinished.ts';

export interface ProfileParameters extends BotParameters, DeclaredProfile {}

/** The profile that an update replaces. */
export interface PreviousProfile extends DeclaredProfile {
  readonly botId: string;
}

export interface SetProfile extends Applied {
  readonly botId: string;
  readonly unfinished: Unfinished;
}

/**
 * Sets what differs of a bot's profile, and clears what is no longer declared. What Telegram rations for long is postponed,
 * which is not a failure: the watch completes it.
 *
 * @param previous undefined on a create
 * @throws DeploymentError, TokenUnavailableError, or ProfileError around one of Telegram's errors
 */
export async function setProfile(
  { Slots, Photo, ...bot }: ProfileParameters,
  previous: PreviousProfile | undefined,
  context: RequestContext,
): Promise<SetProfile> {
  const start = context.clock.now();
  const work = { ...context, deadline: context.deadline - UNDO_MS };
  const token = await readToken(bot, work);
  const owner = { botId: botIdOf(token), api: context.botApi(token, bot) };
  // With another bot's token, nothing of this bot's profile is the stack's.
  const known = previous?.botId === owner.botId ? previous : undefined;
  const slots = parseSlots(Slots, known?.Slots);
  const photo = isSamePhoto(Photo, known?.Photo) ? 'unchanged' : await loadPhoto(Photo, work);
  if (slots.some(({ declared }) => declared === undefined)) await outlast(start, context);
  const done: Done[] = [];
  try {
    const applied = await applyProfile(slots, owner, work, { done });
    const photoId =
      photo === 'unchanged' ? undefined : await replacePhoto(photo, owner, work, applied);
    const postponed = applied.postponed.map(({ setting }) => setting);
    const uncleared = slots.filter(
      (slot) => slot.declared === undefined && postponed.includes(settingOf(slot)),
    );
    return {
      botId: owner.botId,
      ...applied,
      unfinished: { slots: uncleared.map(previousText), photoId },
    };
  } catch (error) {
    // CloudFormation does not know a create that failed, and will never ask to delete it.
    if (!known && error instanceof ProfileError) error.remaining = await undo(done, owner, context);
    throw error;
  }
}

/**
 * Waits until no earlier call can set again what this update clears, and no later event would know of: a repair of the
 * watch, or the update that a rollback has cancelled.
 */
async function outlast(start: number, { clock, isRollback }: RequestContext): Promise<void> {
  const waitMs = start + (isRollback ? CANCELLED_PROFILE_MS : ATTEMPT_MS) - clock.now();
  if (waitMs > 0) await clock.sleep(waitMs);
}
