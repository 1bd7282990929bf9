import { afterAll, beforeAll, expect, it } from 'vitest';
import { LocalNetwork } from '../network/local-network.ts';
import { ResponseBucket } from './responses.ts';

let network: LocalNetwork;
let bucket: ResponseBucket;

beforeAll(async () => {
  network = await LocalNetwork.open();
  bucket = new ResponseBucket({ network });
});

afterAll(() => network.close());

function put(url: string, body: string, headers = {}) {
  return network.request(new URL(url), { method: 'PUT', headers, body });
}

async function answerTo(body: string) {
  const { url, answer } = bucket.open();
  expect((await put(url, body, { 'content-type': '' })).status).toBe(200);
  return answer;
}

it('returns the response that is PUT to the URL', async () => {
  const body = { Status: 'SUCCESS', PhysicalResourceId: 'id', Data: { A: 'b' } };
  expect(await answerTo(JSON.stringify(body))).toEqual(body);
});

it('keeps the URLs apart, and only the first response to each', async () => {
  const [one, two] = [bucket.open(), bucket.open()];
  await put(two.url, JSON.stringify({ Status: 'SUCCESS', PhysicalResourceId: 'two' }));
  await put(one.url, JSON.stringify({ Status: 'SUCCESS', PhysicalResourceId: 'one' }));
  await put(one.url, JSON.stringify({ Status: 'FAILED', PhysicalResourceId: 'late' }));
  expect(await one.answer).toMatchObject({ PhysicalResourceId: 'one' });
  expect(await two.answer).toMatchObject({ PhysicalResourceId: 'two' });
});

it('accepts 4096 bytes, and fails the resource for one byte more', async () => {
  const sized = (bytes: number) => {
    const empty = JSON.stringify({ Status: 'SUCCESS', PhysicalResourceId: 'id', Reason: '' });
    return empty.replace('""', `"${'x'.repeat(bytes - empty.length)}"`);
  };
  expect(await answerTo(sized(4096))).toMatchObject({ Status: 'SUCCESS' });
  expect(await answerTo(sized(4097))).toEqual({
    Status: 'FAILED',
    Reason: 'Response object is too long.',
  });
});

it.each([
  ['<html>', /not JSON/],
  ['{"Status":"FAILURE","PhysicalResourceId":"x"}', /'FAILURE' is not a valid ResponseStatus/],
  ['null', /not a valid ResponseStatus/],
  ['{"Status":"SUCCESS"}', /Invalid PhysicalResourceId/],
  ['{"Status":"FAILED","Reason":"why","PhysicalResourceId":""}', /Invalid PhysicalResourceId/],
])('fails the resource for the response %s', async (body, reason) => {
  expect(await answerTo(body)).toMatchObject({
    Status: 'FAILED',
    Reason: expect.stringMatching(reason),
  });
});

it('refuses requests that the URL was not signed for', async () => {
  const { url, close } = bucket.open();
  expect((await network.request(new URL(url), { method: 'GET' })).status).toBe(403);
  expect((await put(url, '{}', { 'content-type': 'application/json' })).status).toBe(403);
  expect((await put(`${url}x`, '{}')).status).toBe(403);
  close();
  expect((await put(url, '{}')).status).toBe(403);
});
