import { classify } from '../../telegram/classify.ts';
import { ProfileError } from '../errors.ts';
import { retry } from '../retry/retry.ts';
import type { RequestContext } from '../services.ts';
import type { Kind, SlotValue } from './kinds.ts';
import { plan, type Seen, type SlotChange } from './plan.ts';
import { type Applied, nothingApplied, type ProfileOwner, rationPolicy, write } from './ration.ts';
import { type Slot, settingOf, slotOf } from './slots.ts';

/** A step that has had, or may have had, an effect. */
export type Done = Pick<SlotChange, 'slot' | 'before'>;

export interface ApplyOptions {
  /** Runs before each attempt to write, and throws if nothing may be written any more. */
  readonly beforeAttempt?: () => Promise<void>;
  /**
   * Whether a text that is no longer declared is cleared even where it equals the one it falls back to.
   *
   * @default true
   */
  readonly clearsHidden?: boolean;
  /** Collects what the undo of a failure takes. */
  readonly done?: Done[];
}

/**
 * Brings Telegram to what is declared. All reads come before the writes that depend on them, so a chat that Telegram does
 * not know fails the deploy before it has changed anything. The languages come last, because what a read of one returns
 * depends on the text without a language.
 *
 * @throws ProfileError around TelegramRefusedError or TelegramUnreachableError; what `beforeAttempt` throws, in one
 */
export async function applyProfile(
  slots: readonly Slot[],
  owner: ProfileOwner,
  context: RequestContext,
  { beforeAttempt, clearsHidden = true, done = [] }: ApplyOptions = {},
): Promise<Applied> {
  const applied = nothingApplied();
  const texts: Texts = new Map();
  for (const group of byDependency(slots)) {
    const seen = await readSlots(group, texts, owner, context, applied);
    const { steps, left } = plan(seen, { clearsHidden });
    applied.left.push(...left.map(settingOf));
    for (const step of steps) {
      const { slot, value } = step;
      const { kind, where, declared } = slot;
      const effect = await write(
        {
          setting: settingOf(slot),
          isDeclared: declared !== undefined,
          method: kind.setMethod,
          beforeAttempt,
          call: () => kind.write(owner.api, where, value),
        },
        owner,
        context,
        applied,
        () => done.push(step),
      );
      if (isLanguage(slot)) continue;
      if (effect === 'yes') texts.set(kind, value);
      else if (effect === 'unknown') texts.delete(kind);
    }
  }
  return applied;
}

export interface Comparison {
  /** What a check of the watch would write, as far as it is known before it writes anything. */
  readonly steps: readonly SlotChange[];
  /** Names of the declared settings that are out of reach. */
  readonly left: readonly string[];
}

/** Compares slots, of which those that are declared were declared before. */
export async function compareProfile(
  slots: readonly Slot[],
  owner: ProfileOwner,
  context: RequestContext,
): Promise<Comparison> {
  const texts: Texts = new Map();
  const seen: Seen[] = [];
  const applied = nothingApplied();
  for (const group of byDependency(slots)) {
    seen.push(...(await readSlots(group, texts, owner, context, applied)));
  }
  const declared = slots.filter((slot) => slot.declared !== undefined).map(settingOf);
  return {
    steps: plan(seen, { clearsHidden: false }).steps,
    left: applied.left.filter((name) => declared.includes(name)),
  };
}

/** Writes back what steps have found, last step first, and returns the names of the settings for which it could not. */
export async function undo(
  done: readonly Done[],
  { api }: ProfileOwner,
  context: RequestContext,
): Promise<string[]> {
  const remaining: string[] = [];
  const retrying = { ...context, policy: rationPolicy };
  for (const { slot, before } of [...done].reverse()) {
    const { kind, where } = slot;
    await retry(() => kind.write(api, where, before), retrying).catch((error: Error) => {
      context.log.warn({ event: 'registrar.undo', outcome: 'failed', because: error.message });
      remaining.push(settingOf(slot));
    });
  }
  return remaining;
}

/** What is known of the texts without a language, which those with one fall back to. Other kinds never ask. */
type Texts = Map<Kind, SlotValue>;

function isLanguage({ kind, where }: Slot): boolean {
  return kind.hasFallback && where.language_code !== undefined;
}

/** Whether the stack declares a value that it did not declare before. */
function isNew({ kind, where, declared, previous }: Slot): boolean {
  if (declared === undefined) return false;
  return previous === undefined || !kind.isSame(declared, previous, where);
}

/** Returns the slots that depend on none, then those that depend on one of these. */
function byDependency(slots: readonly Slot[]): Slot[][] {
  return [slots.filter((slot) => !isLanguage(slot)), slots.filter(isLanguage)];
}

/**
 * Reads slots, and the texts that they fall back to. Those that are not to be changed and out of reach, since the bot was
 * removed from a chat for example, are left: a deploy must not depend on people in that chat. Those that Telegram rations
 * are postponed.
 *
 * @throws ProfileError
 */
async function readSlots(
  slots: readonly Slot[],
  texts: Texts,
  { api }: ProfileOwner,
  context: RequestContext,
  applied: Applied,
): Promise<Seen[]> {
  const read = ({ kind, where }: Pick<Slot, 'kind' | 'where'>) =>
    retry(() => kind.read(api, where), { ...context, policy: rationPolicy });
  const seen: Seen[] = [];
  for (const slot of slots) {
    const { kind } = slot;
    try {
      if (isLanguage(slot) && !texts.has(kind)) texts.set(kind, await read(slotOf(kind)));
      const current = await read(slot);
      if (!isLanguage(slot)) texts.set(kind, current);
      seen.push({ slot, current, fallback: isLanguage(slot) ? texts.get(kind) : kind.unset });
    } catch (error) {
      const failure = classify(error);
      const setting = settingOf(slot);
      if (failure?.kind === 'rate-limited') {
        applied.postponed.push({ setting, until: context.clock.now() + failure.retryAfterMs });
      } else if (failure?.kind === 'rejected' && !isNew(slot)) applied.left.push(setting);
      else throw new ProfileError(error as Error, setting);
    }
  }
  return seen;
}
