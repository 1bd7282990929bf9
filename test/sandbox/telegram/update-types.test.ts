import { describe, expect, it } from 'vitest';
import { messageIn } from './fixtures.ts';
import { DEFAULT_UPDATE_TYPES, parseAllowedUpdates, typeOf, UPDATE_TYPES } from './update-types.ts';

describe('update types', () => {
  it('has 27 types, three of which are delivered only on request', () => {
    expect(UPDATE_TYPES).toHaveLength(27);
    expect(UPDATE_TYPES.filter((type) => !DEFAULT_UPDATE_TYPES.has(type))).toEqual([
      'message_reaction',
      'message_reaction_count',
      'chat_member',
    ]);
  });

  it('recognizes the type of an update by its payload, of which there is exactly one', () => {
    expect(typeOf(messageIn(1, 'a'))).toBe('message');
    expect(() => typeOf({})).toThrow('none');
    expect(() => typeOf({ ...messageIn(1, 'a'), poll: {} as never })).toThrow('message, poll');
  });
});

describe('allowed_updates', () => {
  it('accepts names in any case and ignores unknown ones', () => {
    expect(parseAllowedUpdates('["MESSAGE","poll","nonsense"]')).toEqual(
      new Set(['message', 'poll']),
    );
  });

  it.each([['[]'], ['["nonsense"]'], [JSON.stringify([...DEFAULT_UPDATE_TYPES].reverse())]])(
    'stands for the default set when it is %s',
    (text) => {
      expect(parseAllowedUpdates(text)).toBe(DEFAULT_UPDATE_TYPES);
    },
  );

  it.each(['', 'message', '"message"', '{}', '[1]', 'null'])(
    'changes nothing when it is "%s"',
    (text) => {
      expect(parseAllowedUpdates(text)).toBeUndefined();
    },
  );
});
