import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOME } from './account.ts';
import { assetBucket } from './asset-buckets.ts';
import { allow, TestAws } from './fixtures.ts';

const bucket = assetBucket(HOME);
const arn = `arn:aws:s3:::${bucket}`;
const key = 'abc123.jpg';
const hash = { 'x-amz-content-sha256': 'e3b0c442' };
let test: TestAws;

beforeAll(async () => {
  test = await TestAws.start();
  const path = join(test.directory, 'photo.jpg');
  writeFileSync(path, Buffer.from([0xff, 0xd8, 0x00]));
  test.aws.assets.publish(HOME, key, path);
  test.createRole(
    'reader',
    allow(['s3:GetObject*', 's3:GetBucket*', 's3:List*'], [arn, `${arn}/*`]),
  );
  test.createRole('getter', allow('s3:GetObject', `${arn}/${key}`));
  test.createRole('nobody');
});

afterAll(() => test.close());

async function get(role: string, object: string, headers: object = hash, method = 'GET') {
  const signed = test.sign(`arn:aws:iam::123456789012:role/${role}`, 's3');
  const { status, body } = await test.network.request(
    new URL(`https://s3.us-east-1.amazonaws.com/${object}`),
    { method, headers: { ...signed, ...headers }, body: '' },
  );
  return { status, body, code: /<Code>(\w+)<\/Code>/.exec(body.toString())?.[1] };
}

it('returns an asset byte for byte to a role that may read it', async () => {
  for (const role of ['reader', 'getter']) {
    const { status, body } = await get(role, `${bucket}/${key}`);
    expect(status).toBe(200);
    expect(body).toEqual(Buffer.from([0xff, 0xd8, 0x00]));
  }
});

describe('refuses', () => {
  it.each([
    ['a role without the permission', 'nobody', `${bucket}/${key}`, 403, 'AccessDenied'],
    ['another key', 'getter', `${bucket}/other.jpg`, 403, 'AccessDenied'],
    ['another bucket', 'reader', `other/${key}`, 403, 'AccessDenied'],
    ['what does not exist', 'reader', `${bucket}/other.jpg`, 404, 'NoSuchKey'],
    ['a list of the bucket', 'reader', bucket, 501, 'NotImplemented'],
  ])('%s', async (_, role, object, status, code) => {
    expect(await get(role, object)).toMatchObject({ status, code });
  });

  it('what a role may get and not list, without saying that it does not exist', async () => {
    test.createRole('blind', allow('s3:GetObject', `${arn}/*`));
    expect(await get('blind', `${bucket}/other.jpg`)).toMatchObject({ code: 'AccessDenied' });
  });

  it('a request without the hash of its body, an unsigned one, and one that writes', async () => {
    const object = `${bucket}/${key}`;
    expect(await get('reader', object, {})).toMatchObject({ status: 400, code: 'InvalidRequest' });
    expect(await get('reader', object, { ...hash, authorization: '' })).toMatchObject({
      code: 'MissingAuthenticationTokenException',
    });
    expect(await get('reader', object, hash, 'PUT')).toMatchObject({ status: 501 });
  });
});
