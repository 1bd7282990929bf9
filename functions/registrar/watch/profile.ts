import type { ProfileReport, SettingDifference, WatchEvent, WatchReport } from '../../contract.ts';
import { resourceNames } from '../bot/identify.ts';
import { explainError, isExpected, ProfileError } from '../errors.ts';
import { applyProfile, compareProfile } from '../profile/apply.ts';
import { loadPhoto, PHOTO, readPhotoId, replacePhoto } from '../profile/photo.ts';
import { explainRest } from '../profile/ration.ts';
import { parseSlots, settingOf } from '../profile/slots.ts';
import { decodeUnfinished } from '../profile/unfinished.ts';
import { CHECK_MS, NEW_SETTINGS_MS, REPAIR_MS } from '../retry/time-budget.ts';
import type { RequestContext } from '../services.ts';
import { quote } from './delivery-errors.ts';
import type { Declared, Observed } from './observe.ts';
import { requireSettledStack, StackBusyError } from './repair.ts';

export interface ProfileCheck extends Observed {
  readonly event: WatchEvent;
  readonly declared: Declared;
  /** What the webhook looks like: a bot that delivers elsewhere has an owner of its own. */
  readonly report: WatchReport;
}

/**
 * Compares the declared profile with Telegram, and completes it unless the purpose is `status`. It repairs what a deploy
 * would set, and what Telegram's rations have postponed; once the stack is settled, as for the webhook.
 *
 * @returns undefined if there is nothing to compare
 */
export async function checkProfile(
  check: ProfileCheck,
  context: RequestContext,
): Promise<ProfileReport | undefined> {
  const { api, declared, event, report, seen } = check;
  const { Profile, Purpose, Repair, ScheduledTime = '' } = event;
  const isOwner = seen.own?.botId === declared.botId && report.webhook;
  if (!Profile || !api || !isOwner || report.condition === 'foreign') return undefined;
  const owner = { api, botId: declared.botId };
  const start = context.clock.now();
  const within = (ms: number) => ({
    ...context,
    deadline: Math.min(context.deadline, start + ms),
  });
  let differences: SettingDifference[] = [];
  try {
    const { slots: uncleared, photoId } = decodeUnfinished(Profile.Unfinished);
    const slots = parseSlots(Profile.Slots, [...Profile.Slots, ...uncleared]);
    const looking = within(CHECK_MS);
    const isPhotoDue =
      photoId !== undefined && photoId === (await readPhotoId(api, owner.botId, looking));
    const { steps, left } = await compareProfile(slots, owner, looking);
    differences = steps.map(({ slot, before, value }) => ({
      setting: settingOf(slot),
      declared: shorten(slot.kind.describe(value)),
      actual: shorten(slot.kind.describe(before)),
    }));
    if (isPhotoDue) {
      const photo = Profile.Photo ? 'the declared photo' : 'none';
      differences.push({ setting: PHOTO, declared: photo, actual: 'another photo, or none' });
    }
    const unread = explainRest({ left, postponed: [] });
    const found = { differences, ...(unread && { because: unread }) };
    if (differences.length === 0 || Purpose === 'status') return found;
    if (Repair !== 'true') return { ...found, repair: 'off' };
    const work = within(REPAIR_MS);
    const beforeAttempt = () =>
      requireSettledStack(
        { declared, scheduledAt: Date.parse(ScheduledTime) },
        NEW_SETTINGS_MS,
        context,
      );
    await beforeAttempt();
    const photo = isPhotoDue ? await loadPhoto(Profile.Photo, work) : undefined;
    const applied = await applyProfile(slots, owner, work, {
      beforeAttempt,
      clearsHidden: false,
    });
    if (isPhotoDue) await replacePhoto(photo, owner, work, applied, beforeAttempt);
    const because = explainRest(applied);
    return { differences, repair: applied.postponed.length > 0 ? 'postponed' : 'done', because };
  } catch (error) {
    return { differences, ...failed(error, check, differences.length > 0) };
  }
}

/** The longest value that a report shows. */
const LONGEST_VALUE = 200;

function shorten(value: string): string {
  return value.length <= LONGEST_VALUE ? value : `${value.slice(0, LONGEST_VALUE)}…`;
}

function failed(
  error: unknown,
  { declared }: ProfileCheck,
  isRepair: boolean,
): Omit<ProfileReport, 'differences'> {
  const cause = error instanceof ProfileError ? error.cause : error;
  if (cause instanceof StackBusyError) {
    return { repair: 'postponed', because: `It is not repaired yet, because ${cause.message}.` };
  }
  const tryAgain = 'deploy again.';
  const { what, fix } = isExpected(error)
    ? explainError(error, { ...resourceNames(declared.resource), tryAgain })
    : { what: `The check failed with ${(error as Error).name}`, fix: '' };
  return { ...(isRepair && { repair: 'failed' }), because: quote(`${what && `${what}. `}${fix}`) };
}
