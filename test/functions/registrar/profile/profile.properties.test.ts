import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type FakeFault, handle, refusedWith } from '../fakes.ts';
import type { ProfileModel } from './profile-model.ts';
import {
  type Chosen,
  choice,
  declare,
  edit,
  edits,
  eventOf,
  makeBot,
  type ProfiledBot,
  passing,
  photo,
  SLOTS,
  slotsOf,
} from './scenario.ts';

interface Step {
  readonly chosen: Chosen;
  readonly photo?: string;
  readonly edits: readonly { slot: number; value?: number }[];
  readonly faults: readonly FakeFault[];
}

const step = fc.record<Step>({ chosen: choice, photo, edits, faults: passing });
const steps = fc.array(step, { minLength: 1, maxLength: 3 });

function inject({ model }: ProfiledBot, faults: Step['faults']): void {
  const remaining = [...faults];
  model.fault = () => remaining.shift();
}

const isSame = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

/** Whether a slot shows a value; of rights, only the flags that are named. */
function shows(model: ProfileModel, kind: string, where: object, value: unknown): boolean {
  const seen = model.read(kind, where as never);
  if (kind !== 'rights') return isSame(seen, value);
  return Object.entries(value as object).every(
    ([flag, isOn]) => ((seen as Record<string, boolean>)[flag] ?? false) === isOn,
  );
}

function expectDeclared({ model }: ProfiledBot, { chosen, photo }: Step): void {
  for (const { kind, where, value } of slotsOf(chosen)) {
    expect([kind, where, shows(model, kind, where, value), value]).toEqual([
      kind,
      where,
      true,
      value,
    ]);
  }
  if (photo) expect(model.photo).toBe(photo);
}

it('brings any profile to any other, whatever happens between and on the way', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (given) => {
      const bot = makeBot();
      let before: ReturnType<typeof declare> | undefined;
      for (const { chosen, photo, ...next } of given) {
        edit(bot, next.edits);
        inject(bot, next.faults);
        const after = declare(chosen, photo);
        await handle(bot, eventOf(before, after));
        expectDeclared(bot, { chosen, photo, ...next });
        before = after;
      }
    }),
    { numRuns: 300 },
  );
});

it('writes nothing in a deploy without changes', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (given) => {
      const bot = makeBot();
      let before: ReturnType<typeof declare> | undefined;
      for (const { chosen, photo, edits } of given) {
        edit(bot, edits);
        const after = declare(chosen, photo);
        await handle(bot, eventOf(before, after));
        bot.model.writes.length = 0;
        await handle(bot, eventOf(after, after));
        expect(bot.model.writes).toEqual([]);
        before = after;
      }
    }),
    { numRuns: 200 },
  );
});

it('makes the fewest writes: one for each slot that differs', async () => {
  await fc.assert(
    fc.asyncProperty(choice, edits, choice, async (first, changes, second) => {
      const bot = makeBot();
      const { model } = bot;
      await handle(bot, eventOf(undefined, declare(first)));
      edit(bot, changes);
      const { fewest, uncertain } = writesNeeded(model, first, second);
      model.writes.length = 0;
      await handle(bot, eventOf(declare(first), declare(second)));
      expect(model.writes.length).toBeGreaterThanOrEqual(fewest);
      expect(model.writes.length).toBeLessThanOrEqual(fewest + uncertain);
    }),
    { numRuns: 300 },
  );
});

/**
 * Counts the slots that differ, as one who knows what is set. A text that equals the one it falls back to may be set or
 * not: no read tells.
 */
function writesNeeded(model: ProfileModel, first: Chosen, second: Chosen) {
  let fewest = 0;
  let uncertain = 0;
  const valueAt = (index: number, chosen: Chosen) => {
    const value = chosen[index];
    return value === undefined ? undefined : SLOTS[index]?.values[value];
  };
  const defaults = new Map<string, unknown>();
  SLOTS.forEach(({ kind, where }, index) => {
    const declared = valueAt(index, second);
    const previous = valueAt(index, first);
    const raw = model.raw(kind, where);
    const isText = typeof SLOTS[index]?.values[0] === 'string';
    const isLanguage = isText && 'language_code' in where;
    const fallback = isLanguage ? defaults.get(kind) : isText ? '' : undefined;
    if (kind === 'rights') {
      const withdrawn = Object.keys((previous as object) ?? {}).map((flag) => [flag, false]);
      const wanted = { ...Object.fromEntries(withdrawn), ...(declared as object) };
      const isOurs = previous !== undefined && shows(model, kind, where, previous);
      const differs = !shows(model, kind, where, wanted);
      if (differs && (declared !== undefined || isOurs)) fewest++;
      return;
    }
    if (declared !== undefined) {
      const seen = isLanguage ? (raw ?? fallback) : model.read(kind, where);
      if (!isSame(seen, declared)) fewest++;
    } else if (previous !== undefined) {
      if (isSame(raw, previous)) {
        const isInvisible = isSame(previous, { type: 'commands' }) && !('chat_id' in where);
        if (!isInvisible) fewest++;
      } else if (raw === undefined && isLanguage && isSame(fallback, previous)) uncertain++;
    }
    if (isText && !isLanguage) {
      const isCleared = declared === undefined && isSame(raw, previous);
      defaults.set(kind, declared ?? (isCleared ? '' : (raw ?? '')));
    }
  });
  return { fewest, uncertain };
}

it('undoes a create that Telegram refuses halfway', async () => {
  await fc.assert(
    fc.asyncProperty(choice, choice, fc.nat(40), async (others, chosen, refusedCall) => {
      const bot = makeBot();
      const { model } = bot;
      for (const { kind, where, value } of slotsOf(others)) {
        // A language that has by chance the text that the stack sets for all others counts as unset.
        model.edit(kind, where, typeof value === 'string' ? `Old ${value}` : value);
      }
      const seen = () => SLOTS.map(({ kind, where }) => model.read(kind, where));
      const before = seen();
      let calls = 0;
      model.fault = () =>
        calls++ === refusedCall ? refusedWith(400, 'Bad Request: no') : undefined;
      const isCreated = await handle(bot, eventOf(undefined, declare(chosen))).then(
        () => true,
        () => false,
      );
      if (isCreated) expectDeclared(bot, { chosen, edits: [], faults: [] });
      else expect(seen()).toEqual(before);
    }),
    { numRuns: 300 },
  );
});

it('leaves nothing of its own behind on Delete, and everything of others', async () => {
  await fc.assert(
    fc.asyncProperty(steps, edits, passing, async (given, last, faults) => {
      const bot = makeBot();
      const { model } = bot;
      let before: ReturnType<typeof declare> | undefined;
      const ours = new Map<number, unknown>();
      const note = (index: number) => {
        const { kind, where } = SLOTS[index] as (typeof SLOTS)[number];
        return model.raw(kind, where);
      };
      for (const { chosen, photo, faults: own } of given) {
        inject(bot, own);
        const after = declare(chosen, photo);
        await handle(bot, eventOf(before, after));
        before = after;
      }
      edit(bot, last);
      for (const { slot } of last) ours.set(slot, note(slot));
      inject(bot, faults);
      await handle(bot, eventOf(before));
      expect(model.photo).toBe('');
      SLOTS.forEach(({ kind, where, values }, index) => {
        const { chosen } = given.at(-1) as Step;
        const value = chosen[index];
        const declared = value === undefined ? undefined : values[value];
        const edited = ours.get(index);
        const isOurs = !ours.has(index) || (declared !== undefined && isSame(edited, declared));
        if (kind === 'rights') return;
        const left = model.raw(kind, where);
        const isInvisible = isSame(left, { type: 'commands' }) && !('chat_id' in where);
        if (isInvisible) return;
        expect([kind, where, left]).toEqual([kind, where, isOurs ? undefined : edited]);
      });
    }),
    { numRuns: 300 },
  );
});
