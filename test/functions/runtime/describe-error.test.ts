import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeError } from '../../../functions/runtime/describe-error.ts';
import { fakeToken } from '../../sandbox/index.ts';

describe('describeError', () => {
  it("returns an error's name, message and stack", () => {
    const facts = describeError(new RangeError('too far'));
    expect(facts).toMatchObject({ errorType: 'RangeError', errorMessage: 'too far' });
    expect(facts.stackTrace?.[0]).toBe('RangeError: too far');
    expect(facts.stackTrace?.[1]).toContain('describe-error.test.ts');
    expect(facts).not.toHaveProperty('cause');
  });

  it.each([
    [new Error('getaddrinfo'), 'Error: getaddrinfo'],
    [
      Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }),
      'AggregateError ECONNREFUSED: ',
    ],
    ['the dog', 'the dog'],
  ])('returns the cause in one line, because "fetch failed" alone says nothing', (cause, text) => {
    expect(describeError(new TypeError('fetch failed', { cause })).cause).toBe(text);
  });

  it('leaves out the other properties of an error, where HTTP clients put the request', () => {
    const error = Object.assign(new Error('no'), { config: { url: 'https://private' } });
    expect(JSON.stringify(describeError(error))).not.toContain('private');
  });

  it.each([
    ['a string', 'string', 'a string'],
    [404, 'number', '404'],
    [undefined, 'undefined', 'undefined'],
    [Symbol('s'), 'symbol', 'Symbol(s)'],
    [{ text: 'private' }, 'object', 'not an Error, so its content is not logged'],
    [Object.create(null), 'object', 'not an Error, so its content is not logged'],
    [null, 'object', 'not an Error, so its content is not logged'],
  ])('describes a thrown value that is not an Error: %o', (thrown, errorType, errorMessage) => {
    expect(describeError(thrown)).toEqual({ errorType, errorMessage });
  });

  it('never shows a bot token, wherever the error holds it and however it is encoded', () => {
    const surroundings = fc.string({ unit: fc.constantFrom('/', ' ', '"', '1', 'bot', '\n', ':') });
    fc.assert(
      fc.property(fc.integer({ min: 1 }), surroundings, surroundings, (id, before, after) => {
        for (const token of [fakeToken(id), encodeURIComponent(fakeToken(id))]) {
          const text = before + token + after;
          for (const thrown of [text, new Error(text), new Error('', { cause: new Error(text) })]) {
            const shown = JSON.stringify(describeError(thrown));
            expect(shown).toContain('<bot token>');
            expect(shown).not.toContain('FAKE-TOKEN');
          }
        }
      }),
    );
  });

  it('leaves times, ports and ids unchanged', () => {
    const text = 'at 12:30:15 localhost:8443 in chat 42:message_7';
    expect(describeError(new Error(text)).errorMessage).toBe(text);
  });
});
