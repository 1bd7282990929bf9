import { profileSetting } from '../../contract.ts';
import { DeploymentError } from '../errors.ts';
import { type Kind, kinds, type SlotValue } from './kinds.ts';

/** What Telegram reads, sets and clears on its own: a kind, in a language, a scope or a chat. */
export interface Slot {
  /** Identifies the slot among all of the bot's. */
  readonly key: string;
  readonly kind: Kind;
  /** The parameters of its methods besides its value: `{ language_code: 'de' }`. */
  readonly where: Where;
  /** Undefined for a slot that is no longer declared. */
  readonly declared?: SlotValue;
  /** What the stack declared before; undefined for a slot that is new, and in the watch. */
  readonly previous?: SlotValue;
}

export interface Where {
  readonly language_code?: string;
  readonly scope?: {
    readonly type: string;
    readonly chat_id?: unknown;
    readonly user_id?: unknown;
  };
  readonly chat_id?: unknown;
  readonly for_channels?: boolean;
}

/**
 * Joins the slots that are declared with those that were. Of the latter, those of a newer version of the kit are skipped.
 *
 * @param declared each the parameters of the method that sets a slot, in JSON
 * @throws DeploymentError for text that is not a slot, which no template of the kit causes
 */
export function parseSlots(declared: readonly string[], previous: readonly string[] = []): Slot[] {
  const slots = new Map<string, Slot>();
  for (const text of previous) {
    const found = parse(text);
    if (found) slots.set(found.slot.key, { ...found.slot, previous: found.value });
  }
  for (const text of declared) {
    const found = parse(text);
    if (!found) throw unknownSlot(text);
    const { key } = found.slot;
    slots.set(key, { ...slots.get(key), ...found.slot, declared: found.value });
  }
  return [...slots.values()];
}

type BareSlot = Pick<Slot, 'key' | 'kind' | 'where'>;

function parse(text: string): { slot: BareSlot; value: SlotValue } | undefined {
  let parameters: Record<string, unknown>;
  try {
    parameters = JSON.parse(text);
  } catch {
    return undefined;
  }
  const kind = kinds.find(({ parameter }) => parameter in parameters);
  if (!kind) return undefined;
  const { [kind.parameter]: value, ...where } = parameters;
  return { slot: slotOf(kind, where), value };
}

function unknownSlot(text: string): DeploymentError {
  return new DeploymentError(
    `The registrar does not know this slot of the profile: ${text.slice(0, 100)}. Use the constructs of the kit, and ` +
      'deploy again.',
  );
}

/** Returns a slot of which nothing is declared. */
export function slotOf(kind: Kind, where: Where = {}): BareSlot {
  return { key: JSON.stringify([kind.parameter, where]), kind, where };
}

/** Returns a slot as it was declared before, as `parseSlots` takes it. */
export function previousText({ kind, where, previous }: Slot): string {
  return JSON.stringify({ [kind.parameter]: previous, ...where });
}

/** Names the setting of a slot, as the app writes it. */
export function settingOf({ kind, where }: BareSlot): string {
  return profileSetting({ [kind.parameter]: null, ...where });
}
