import { describe, expect, it } from 'vitest';
import { HttpRefusal, readParameters } from './parameters.ts';

const json = (body: unknown) => ({
  contentType: 'application/json',
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
});
const form = (body: string) => ({
  contentType: 'application/x-www-form-urlencoded',
  body: Buffer.from(body),
});
async function multipart(fields: Record<string, string | Blob>) {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.set(name, value);
  const encoded = new Response(data);
  return {
    contentType: encoded.headers.get('content-type') ?? '',
    body: Buffer.from(await encoded.arrayBuffer()),
  };
}

describe('reading parameters', () => {
  it('reads JSON, and every value that is not a string as its JSON text', async () => {
    const { texts } = await readParameters(
      json({ a: 'x', n: 7, yes: true, list: ['m', 'c'], o: { p: 1 } }),
    );
    expect(Object.fromEntries(texts)).toEqual({
      a: 'x',
      n: '7',
      yes: 'true',
      list: '["m","c"]',
      o: '{"p":1}',
    });
  });

  it('reads null as the string "null"', async () => {
    expect((await readParameters(json({ secret_token: null }))).text('secret_token')).toBe('null');
  });

  it('reads a urlencoded body', async () => {
    const parameters = await readParameters(form('url=https%3A%2F%2Fx%2F%3Fa%3D1&text=a+b'));
    expect(parameters.text('url')).toBe('https://x/?a=1');
    expect(parameters.text('text')).toBe('a b');
  });

  it('reads a multipart body, and keeps a file byte for byte', async () => {
    const bytes = Buffer.from([0, 255, 13, 10, 45, 45, 128]);
    const parameters = await readParameters(
      await multipart({ url: 'https://x', certificate: new Blob([new Uint8Array(bytes)]) }),
    );
    expect(parameters.text('url')).toBe('https://x');
    expect(parameters.file('certificate')).toEqual(bytes);
  });

  it('does not treat a plain string as a file', async () => {
    const parameters = await readParameters(await multipart({ certificate: 'PEM' }));
    expect(parameters.file('certificate')).toBeUndefined();
  });

  it('gives the query string precedence over the body', async () => {
    const parameters = await readParameters({
      query: 'a=query',
      ...json({ a: 'body', b: 'body' }),
    });
    expect(parameters.text('a')).toBe('query');
    expect(parameters.text('b')).toBe('body');
  });

  it.each([
    ['another content type', { contentType: 'text/plain', body: Buffer.from('url=https://x') }],
    ['no content type', { body: Buffer.from('{"url":"https://x"}') }],
    ['JSON that is broken from the start', json('{url:"https://x"}')],
    ['JSON that is not an object', json('["url"]')],
  ])('ignores a body with %s', async (_, request) => {
    expect((await readParameters(request)).texts.size).toBe(0);
  });

  it('keeps what comes before an error in JSON', async () => {
    const { texts } = await readParameters(json('{"url":"https://x","n":[1, {"a":"]"}],"text":"a'));
    expect([...texts]).toEqual([
      ['url', 'https://x'],
      ['n', '[1, {"a":"]"}]'],
    ]);
  });

  it.each(['{"a":1 "b":2}', '{"a":1,"b"}', '{"a":1,b:2}', '{"a":1,"b":[2}', '{"a":1,"b":tru}'])(
    'keeps only the first field of %s',
    async (body) => {
      expect(Object.fromEntries((await readParameters(json(body))).texts)).toEqual({ a: '1' });
    },
  );

  it('keeps all digits of a number, and the first of two fields of the same name', async () => {
    const { texts } = await readParameters(json('{"id":12345678901234567890,"id":1}'));
    expect([...texts]).toEqual([['id', '12345678901234567890']]);
  });

  it.each([
    ['JSON', json({ text: 'x'.repeat(1024 * 1024) })],
    ['urlencoded', form(`text=${'x'.repeat(1024 * 1024)}`)],
  ])('refuses more than 1 MiB of %s parameters with 413', async (_, request) => {
    await expect(readParameters(request)).rejects.toMatchObject({ status: 413 });
  });

  it('counts multipart parameters, but not files, towards the 1 MiB', async () => {
    const big = 'x'.repeat(1024 * 1024 + 1);
    await expect(readParameters(await multipart({ text: big }))).rejects.toMatchObject({
      status: 413,
    });
    const file = await readParameters(await multipart({ certificate: new Blob([big]) }));
    expect(file.file('certificate')).toHaveLength(big.length);
  });

  it('refuses a multipart body that it cannot parse', async () => {
    const request = { contentType: 'multipart/form-data', body: Buffer.from('x') };
    await expect(readParameters(request)).rejects.toBeInstanceOf(HttpRefusal);
  });
});

describe('a parameter', () => {
  it.each(['true', 'True', 'yes', '1'])('is true when its text is "%s"', async (text) => {
    expect((await readParameters(json({ flag: text }))).flag('flag')).toBe(true);
  });

  it.each(['false', '0', 'no', 'on', ''])('is false when its text is "%s"', async (text) => {
    expect((await readParameters(json({ flag: text }))).flag('flag')).toBe(false);
  });

  it.each([
    ['500', 100],
    ['0', 1],
    ['-3', 1],
    ['many', 1],
    ['', 40],
    ['7', 7],
  ])('turns the text "%s" into the integer %i', async (text, value) => {
    const parameters = await readParameters(json({ n: text }));
    expect(parameters.integer('n', { default: 40, min: 1, max: 100 })).toBe(value);
  });
});
