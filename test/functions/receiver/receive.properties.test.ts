import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  delivery,
  message,
  SECRET,
  SECRET_HEADER,
  SECRET_SHA256,
  sendUpdate,
} from '../../harness.ts';

/** The header's name in any mix of upper and lower case. */
const headerName = fc
  .array(fc.boolean(), { minLength: SECRET_HEADER.length, maxLength: SECRET_HEADER.length })
  .map((upper) => [...SECRET_HEADER].map((c, i) => (upper[i] ? c.toUpperCase() : c)).join(''));

/** Any text, and the guesses of an attacker who has seen half of the secret. */
const wrongSecret = fc
  .oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.string({ minLength: SECRET.length, maxLength: SECRET.length }),
    fc.nat(SECRET.length).map((end) => SECRET.slice(0, end)),
    fc.string({ minLength: 1 }).map((more) => SECRET + more),
    fc.string({ minLength: 1 }).map((more) => more + SECRET),
    fc
      .tuple(fc.nat(SECRET.length - 1), fc.string({ minLength: 1, maxLength: 1 }))
      .map(([at, c]) => SECRET.slice(0, at) + c + SECRET.slice(at + 1)),
    fc.constant(SECRET_SHA256),
    fc.constant(undefined),
  )
  .filter((value) => value !== SECRET);

/** Bodies of every kind, some of them with the secret inside. */
const body = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.json(),
  fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('base64')),
  fc.jsonValue().map((rest) => JSON.stringify({ update_id: 1, [SECRET]: rest })),
  fc.string().map((tail) => `{"update_id":1,"message":"${SECRET}${tail}`),
);

const outcome = fc.oneof(
  fc.anything({ withBigInt: true, withNullPrototype: true, withDate: true }).map((value) => ({
    act: () => value,
  })),
  fc.anything({ withNullPrototype: true }).map((value) => ({
    act: () => {
      throw value;
    },
  })),
  fc.string().map((text) => ({ act: async () => Promise.reject(new Error(text)) })),
);

describe('any request', () => {
  it('never reaches the bot without the secret', async () => {
    await fc.assert(
      fc.asyncProperty(headerName, wrongSecret, body, async (name, secret, text) => {
        const request = delivery(text, { headers: { [name]: secret } });
        expect(await sendUpdate(request)).toEqual({
          response: { statusCode: 401 },
          seen: [],
          logged: [],
        });
      }),
    );
  });

  it('reaches the bot with the secret, however the header is spelled', async () => {
    await fc.assert(
      fc.asyncProperty(headerName, fc.string({ unit: 'grapheme' }), async (name, text) => {
        const update = message(text);
        const { seen } = await sendUpdate(delivery(update, { headers: { [name]: SECRET } }));
        expect(seen).toEqual([update]);
      }),
    );
  });

  it('gets a response with a documented status, and never shows the secret', async () => {
    await fc.assert(
      fc.asyncProperty(body, fc.boolean(), outcome, async (text, isBase64Encoded, { act }) => {
        const { response, logged } = await sendUpdate(delivery(text, { isBase64Encoded }), act);
        expect([200, 400, 500]).toContain(response.statusCode);
        expect(logged).toHaveLength(response.statusCode === 500 ? 1 : 0);
        expect(JSON.stringify({ response, logged })).not.toContain(SECRET);
      }),
    );
  });

  it('holds an update exactly when its update_id is a safe integer of 0 or more', async () => {
    const id = fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.double(), fc.jsonValue());
    await fc.assert(
      fc.asyncProperty(id, async (update_id) => {
        const text = JSON.stringify({ update_id, message: {} });
        const arrived = JSON.parse(text).update_id;
        const whole = typeof arrived === 'number' && arrived >= 0 && arrived % 1 === 0;
        const isUpdate = whole && arrived <= Number.MAX_SAFE_INTEGER;
        const { response, seen } = await sendUpdate(delivery(text));
        expect(response.statusCode).toBe(isUpdate ? 200 : 400);
        expect(seen).toHaveLength(isUpdate ? 1 : 0);
      }),
    );
  });
});
