import fc from 'fast-check';
import type { DeclaredProfile } from '../../../../functions/contract.ts';
import { ResourceType } from '../../../../functions/contract.ts';
import type { ResourceEvent } from '../../../../functions/registrar/event.ts';
import {
  createEvent,
  deleteEvent,
  type FakeFault,
  makeFakes,
  properties,
  refusedWith,
  unreachable,
  updateEvent,
} from '../fakes.ts';
import { type ModelSlot, ProfileModel } from './profile-model.ts';

type Where = ModelSlot['where'];

/** The slots of the scenarios, with the values that each may have. */
export const SLOTS: readonly { kind: string; where: Where; values: readonly unknown[] }[] = [
  ...['name', 'description'].flatMap((kind) =>
    [{}, { language_code: 'de' }, { language_code: 'fr' }].map((where) => ({
      kind,
      where,
      values: ['A', 'B', 'C'],
    })),
  ),
  ...[
    {},
    { language_code: 'de' },
    { scope: { type: 'all_group_chats' } },
    { scope: { type: 'chat', chat_id: 42 }, language_code: 'de' },
  ].map((where) => ({
    kind: 'commands',
    where,
    values: [
      [{ command: 'start', description: 'Begins' }],
      [{ command: 'stop', description: 'Ends', is_ephemeral: true }],
    ],
  })),
  ...[{}, { chat_id: 7 }].map((where) => ({
    kind: 'menu_button',
    where,
    values: [
      { type: 'commands' },
      { type: 'web_app', text: 'Shop', web_app: { url: 'https://shop.example' } },
    ],
  })),
  ...[{}, { for_channels: true }].map((where) => ({
    kind: 'rights',
    where,
    values: [
      { can_delete_messages: true },
      { can_delete_messages: false, can_pin_messages: true },
      { can_invite_users: true, can_pin_messages: true },
    ],
  })),
];

/** What a step of a scenario declares, edits or leaves alone, for each slot: the index of a value. */
export type Chosen = readonly (number | undefined)[];

export const choice: fc.Arbitrary<Chosen> = fc.tuple(
  ...SLOTS.map(({ values }) => fc.option(fc.nat(values.length - 1), { nil: undefined, freq: 2 })),
);

/** Few slots, or none: a person changes something by hand. */
export const edits: fc.Arbitrary<readonly { slot: number; value?: number }[]> = fc.array(
  fc.record({
    slot: fc.nat(SLOTS.length - 1),
    value: fc.option(fc.nat(1), { nil: undefined, freq: 2 }),
  }),
  { maxLength: 3 },
);

export const photo = fc.constantFrom(undefined, 'one.jpg', 'two.jpg');

export const passing: fc.Arbitrary<FakeFault[]> = fc.array(
  fc.constantFrom<FakeFault>(
    undefined,
    undefined,
    'lost',
    unreachable('call'),
    refusedWith(502, 'Bad Gateway'),
    refusedWith(429, 'Too Many Requests', 5),
  ),
  { maxLength: 12 },
);

/** Returns what a stack declares. */
export function declare(chosen: Chosen, photoFile?: string): DeclaredProfile {
  const Slots = slotsOf(chosen).map(({ kind, where, value }) =>
    JSON.stringify({ [kind]: value, ...where }),
  );
  if (!photoFile) return { Slots };
  return {
    Slots,
    Photo: { Url: `https://s3.us-east-1.amazonaws.com/assets/${photoFile}`, Type: 'static' },
  };
}

/** Returns the slots that are chosen, with their values. */
export function slotsOf(chosen: Chosen): ModelSlot[] {
  return SLOTS.flatMap(({ kind, where, values }, index) => {
    const value = chosen[index];
    return value === undefined ? [] : [{ kind, where, value: values[value] }];
  });
}

export function makeBot() {
  const fakes = makeFakes();
  const model = new ProfileModel(fakes.clock);
  fakes.telegram.call = model.call;
  const getObject = async (url: string) => new Uint8Array(Buffer.from(url.split('/').pop() ?? ''));
  const services = { ...fakes.services, getObject };
  return Object.assign(fakes, { model, services });
}

export type ProfiledBot = ReturnType<typeof makeBot>;

export function edit(
  { model }: ProfiledBot,
  changes: readonly { slot: number; value?: number }[],
): void {
  for (const { slot, value } of changes) {
    const { kind, where, values } = SLOTS[slot] as (typeof SLOTS)[number];
    model.edit(kind, where, value === undefined ? undefined : values[value]);
  }
}

/** Returns the event that brings a stack from one profile to another. */
export function eventOf(before?: DeclaredProfile, after?: DeclaredProfile): ResourceEvent {
  const type = ResourceType.profile;
  if (!after) return deleteEvent(type, undefined, { ...properties, ...before });
  if (!before) return createEvent(type, { ...properties, ...after });
  const old = { ...properties, ...before };
  return updateEvent(type, undefined, { ...properties, ...after }, old);
}
