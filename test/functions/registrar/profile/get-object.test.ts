import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { signedHeaders } from '../../../../functions/aws/sigv4.ts';
import { getObject } from '../../../../functions/registrar/profile/get-object.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  vi.unstubAllEnvs();
  for (const close of closing.splice(0)) close();
});

/** Answers every request, and returns the URL of an object and the requests that came. */
async function serve(status: number, body: string | Buffer) {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    response.writeHead(status, { connection: 'close' }).end(body);
  });
  closing.push(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/assets/abc.jpg`, requests };
}

describe('getObject', () => {
  it("returns the bytes, with the function's own permissions in its own region", async () => {
    vi.stubEnv('AWS_REGION', 'eu-west-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'example-id');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'example-secret');
    vi.stubEnv('AWS_SESSION_TOKEN', 'example-session');
    const bytes = Buffer.from([0xff, 0xd8, 0xff, 0, 0x80]);
    const { url, requests } = await serve(200, bytes);
    expect(Buffer.from(await getObject(url))).toEqual(bytes);
    const [{ headers, method, url: path } = {} as IncomingMessage] = requests;
    expect({ method, path }).toEqual({ method: 'GET', path: '/assets/abc.jpg' });
    const date = String(headers['x-amz-date']).replace(
      /(....)(..)(..)T(..)(..)(..)Z/,
      '$1-$2-$3T$4:$5:$6Z',
    );
    const { authorization } = signedHeaders(
      {
        method: 'GET',
        path: '/assets/abc.jpg',
        headers: {
          host: String(headers.host),
          'x-amz-content-sha256': String(headers['x-amz-content-sha256']),
        },
        body: '',
      },
      {
        region: 'eu-west-1',
        service: 's3',
        credentials: {
          accessKeyId: 'example-id',
          secretAccessKey: 'example-secret',
          sessionToken: 'example-session',
        },
        date: new Date(date),
      },
    );
    expect(headers.authorization).toBe(authorization);
  });

  it("says what S3 answered, with S3's own name for it", async () => {
    const { url } = await serve(
      403,
      '<Error><Code>AccessDenied</Code><Message>…</Message></Error>',
    );
    await expect(getObject(url)).rejects.toThrow('S3 answered 403 (AccessDenied)');
  });
});
