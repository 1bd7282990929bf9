import { describe, expect, it } from 'vitest';
import { messageIn } from './fixtures.ts';
import { DEFAULT_UPDATE_TYPES, parseAllowedUpdates, typeOf, UPDATE_TYPES } from './update-types.ts';

describe('update types', () => {
  it('are 27, of which three come only when asked for', () => {
    expect(UPDATE_TYPES).toHaveLength(27);
    expect(UPDATE_TYPES.filter((type) => !DEFAULT_UPDATE_TYPES.has(type))).toEqual([
      'message_reaction',
      'message_reaction_count',
      'chat_member',
    ]);
  });

  it('are told by what an update carries, which is exactly one thing', () => {
    expect(typeOf(messageIn(1, 'a'))).toBe('message');
    expect(() => typeOf({})).toThrow('none');
    expect(() => typeOf({ ...messageIn(1, 'a'), poll: {} as never })).toThrow('message, poll');
  });
});

describe('allowed_updates', () => {
  it('take names in any case and ignore unknown ones', () => {
    expect(parseAllowedUpdates('["MESSAGE","poll","nonsense"]')).toEqual(
      new Set(['message', 'poll']),
    );
  });

  it.each([['[]'], ['["nonsense"]'], [JSON.stringify([...DEFAULT_UPDATE_TYPES].reverse())]])(
    'are the default set for %s',
    (text) => {
      expect(parseAllowedUpdates(text)).toBe(DEFAULT_UPDATE_TYPES);
    },
  );

  it.each(['', 'message', '"message"', '{}', '[1]', 'null'])('are no choice when "%s"', (text) => {
    expect(parseAllowedUpdates(text)).toBeUndefined();
  });
});
