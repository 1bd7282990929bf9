import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeError } from '../../../functions/runtime/describe-error.ts';
import { fakeToken } from '../../sandbox/index.ts';

const withFields = (fields: object) => Object.assign(new Error('x'), fields);
const withGetter = (key: string) => Object.defineProperty(new Error('x'), key, { get: fail });

function fail(): never {
  throw new Error('hostile');
}

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable(new Error('private'), {});
  revoke();
  return proxy;
}

function hostile(): unknown {
  return new Proxy(new Error('private'), {
    get: fail,
    getPrototypeOf: fail,
    has: fail,
    ownKeys: fail,
  });
}

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

  it.each<[string, () => unknown, object]>([
    [
      'a message that is an object',
      () => withFields({ message: { text: 'private' } }),
      { errorMessage: 'the message is not text' },
    ],
    ['a stack that is a list', () => withFields({ stack: ['private'] }), { errorMessage: 'x' }],
    ['a cause that is a Symbol', () => withFields({ cause: Symbol('s') }), { cause: 'Symbol(s)' }],
    [
      'a name that is a Symbol',
      () => withFields({ name: Symbol('s') }),
      { errorType: 'Symbol(s)' },
    ],
    [
      'a getter that throws',
      () => withGetter('message'),
      { errorMessage: 'the message is not text' },
    ],
    ['a stack whose getter throws', () => withGetter('stack'), { errorMessage: 'x' }],
    ['a cause whose getter throws', () => withGetter('cause'), { errorMessage: 'x' }],
    [
      'a cause with getters that throw',
      () => withFields({ cause: withGetter('message') }),
      { cause: 'Error: ' },
    ],
    ['a revoked Proxy', revoked, { errorMessage: 'not an Error, so its content is not logged' }],
    ['a Proxy of an Error that throws for everything', hostile, { errorType: 'object' }],
    ['an object whose toString throws', () => ({ toString: fail }), { errorType: 'object' }],
  ])('never throws itself: %s', (_, thrown, fields) => {
    const described = describeError(thrown());
    expect(described).toMatchObject(fields);
    expect(JSON.stringify(described)).not.toContain('private');
    for (const value of Object.values(described)) {
      expect(typeof value === 'string' || Array.isArray(value)).toBe(true);
    }
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
