import { afterEach, beforeEach, expect, it } from 'vitest';
import type { FileKind } from '../telegram/state/files.ts';
import { PLACEHOLDER_PNG } from '../telegram/state/image.ts';
import { PageStage } from './fixtures.ts';

let stage: PageStage;

beforeEach(async () => {
  stage = await PageStage.open();
});

afterEach(() => stage.close());

const html = Buffer.from('<script>alert(1)</script>');
const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, ...Array(20).fill(0)]);

it.each<[string, FileKind, Buffer, string | undefined, string]>([
  ['a photo, whatever its sender says', 'photo', PLACEHOLDER_PNG, 'text/html', 'image/png'],
  ['a photo of unknown type', 'photo', jpeg, undefined, 'image/jpeg'],
  ['a picture as a file', 'document', PLACEHOLDER_PNG, 'image/png', 'image/png'],
  ['a voice message', 'voice', html, undefined, 'audio/ogg'],
  ['a video', 'video', html, 'VIDEO/webm', 'video/webm'],
])('shows %s', async (_, kind, content, mimeType, type) => {
  const { id } = stage.stage.bot.files.add({ kind, content, mimeType });
  const reply = await stage.request(`files/${id}`);
  expect(reply.headers['content-type']).toBe(type);
  expect(reply.headers).not.toHaveProperty('content-disposition');
  expect(reply.headers['x-content-type-options']).toBe('nosniff');
  expect(Buffer.from(reply.body, 'latin1')).toEqual(content);
});

it.each([
  'text/html',
  'image/svg+xml',
  'application/pdf',
  'text/javascript',
  'video/mp4, text/html',
  'audio/x\r\nset-cookie: a=b',
  'video/x; charset=utf-8',
  '',
  undefined,
])('saves a file of the type %s', async (mimeType) => {
  const { id } = stage.stage.bot.files.add({ kind: 'document', content: html, mimeType });
  const { headers } = await stage.request(`files/${id}`);
  expect(headers['content-type']).toBe('application/octet-stream');
  expect(headers['content-disposition']).toMatch(/^attachment;/);
  expect(headers).not.toHaveProperty('set-cookie');
});

it.each([
  ['../../etc/passwd', '..%2F..%2Fetc%2Fpasswd'],
  ['a"; filename="b.exe', 'a%22%3B%20filename%3D%22b.exe'],
  ["it's (1)*.html", 'it%27s%20%281%29%2A.html'],
  ['näme\r\nset-cookie: a=b', 'n%C3%A4me%0D%0Aset-cookie%3A%20a%3Db'],
  ['half \ud800', 'half%20%EF%BF%BD'],
])('names a saved file as its sender does, encoded: %j', async (fileName, encoded) => {
  const { id } = stage.stage.bot.files.add({ kind: 'document', content: html, fileName });
  const { headers } = await stage.request(`files/${id}`);
  expect(headers['content-disposition']).toBe(`attachment; filename*=UTF-8''${encoded}`);
});

it.each([
  ['bytes=0-1', 'ab', 'bytes 0-1/5'],
  ['bytes=2-', 'cde', 'bytes 2-4/5'],
  ['bytes=4-99', 'e', 'bytes 4-4/5'],
  ['bytes=5-', 'abcde', undefined],
  ['bytes=3-2', 'abcde', undefined],
  ['bytes=-2', 'abcde', undefined],
  ['bytes=0-1,3-4', 'abcde', undefined],
])('sends a part of a file: %s', async (range, expected, part) => {
  const content = Buffer.from('abcde');
  const { id } = stage.stage.bot.files.add({ kind: 'voice', content });
  const { status, headers, body } = await stage.request(`files/${id}`, { headers: { range } });
  expect(body).toBe(expected);
  expect(status).toBe(part ? 206 : 200);
  expect(headers['content-range']).toBe(part);
});
