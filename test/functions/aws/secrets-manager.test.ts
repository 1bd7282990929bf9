import type { IncomingMessage, RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { endpointIn } from '../../../functions/aws/endpoint.ts';
import { getSecret } from '../../../functions/aws/secrets-manager.ts';
import { type Certificate, makeCertificate } from '../../sandbox/index.ts';
import { bodyOf } from '../telegram/http-server.ts';

let certificate: Certificate;
beforeAll(async () => {
  certificate = await makeCertificate(['localhost']);
});
beforeEach(() => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'ASIAFAKE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'FAKE/secret+access/key');
  vi.stubEnv('AWS_SESSION_TOKEN', 'FAKE-SESSION');
});
afterEach(() => vi.unstubAllEnvs());

type Answer = (...args: Parameters<RequestListener>) => void;

const answer =
  (status: number, body: object, headers = {}): Answer =>
  (_request, response) =>
    response.writeHead(status, headers).end(JSON.stringify(body));
const secret = answer(200, { Name: 'a', SecretString: 'FAKE' });

/** Starts a Secrets Manager with TLS that gives these answers in turn; returns its requests. */
async function answering(...answers: Answer[]) {
  const requests: { headers: IncomingMessage['headers']; body: string }[] = [];
  const server = createServer(
    { key: certificate.key, cert: certificate.certificate },
    async (request, response) => {
      requests.push({ headers: request.headers, body: String(await bodyOf(request)) });
      answers[Math.min(requests.length, answers.length) - 1]?.(request, response);
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  vi.stubEnv('AWS_ENDPOINT_URL', `https://localhost:${port}`);
  return requests;
}

function get({ signal = new AbortController().signal, now = Date.now } = {}) {
  return getSecret('telegram/dev/bot-token', 'eu-central-1', signal, {
    ca: certificate.certificate,
    now,
  });
}

describe('getSecret', () => {
  it('gets a secret in one signed request', async () => {
    const requests = await answering(secret);
    await expect(get()).resolves.toBe('FAKE');
    expect(requests).toHaveLength(1);
    expect(JSON.parse(String(requests[0]?.body))).toEqual({ SecretId: 'telegram/dev/bot-token' });
    expect(requests[0]?.headers).toMatchObject({
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'secretsmanager.GetSecretValue',
      'x-amz-security-token': 'FAKE-SESSION',
      authorization: expect.stringMatching(
        /^AWS4-HMAC-SHA256 Credential=ASIAFAKE\/\d{8}\/eu-central-1\/secretsmanager\/aws4_request, /,
      ),
    });
  });

  it.each<[string, Answer]>([
    ['it is throttled', answer(400, { __type: 'ThrottlingException', message: 'Rate exceeded' })],
    ['AWS fails', answer(500, { __type: 'InternalServiceError', message: '' })],
    ['the connection breaks', (request) => request.socket.destroy()],
  ])('tries again, twice, when %s', async (_fault, fault) => {
    expect(
      await answering(fault, fault, secret).then(async (requests) => [
        await get(),
        requests.length,
      ]),
    ).toEqual(['FAKE', 3]);
    const requests = await answering(fault);
    await expect(get()).rejects.toThrow();
    expect(requests).toHaveLength(3);
  });

  it('does not try again when it is refused', async () => {
    const requests = await answering(
      answer(400, {
        __type: 'com.amazon#AccessDeniedException',
        Message: 'User is not authorized',
      }),
    );
    await expect(get()).rejects.toMatchObject({
      name: 'AccessDeniedException',
      status: 400,
      message: 'GetSecretValue: AWS refused with 400 AccessDeniedException: User is not authorized',
    });
    expect(requests).toHaveLength(1);
  });

  it('stops when its signal is aborted', async () => {
    const controller = new AbortController();
    const requests = await answering(() => controller.abort(new Error('enough')));
    await expect(get({ signal: controller.signal })).rejects.toThrow('enough');
    expect(requests).toHaveLength(1);
  });

  it("signs again with AWS's time when this machine's clock is wrong", async () => {
    const expired = { __type: 'InvalidSignatureException', message: 'Signature expired' };
    const requests = await answering(
      answer(403, expired, { date: 'Wed, 25 Nov 2026 12:00:00 GMT' }),
      secret,
    );
    const now = () => Date.parse('2026-11-25T10:30:00Z');
    await expect(get({ now })).resolves.toBe('FAKE');
    expect(requests.map(({ headers }) => headers['x-amz-date'])).toEqual([
      '20261125T103000Z',
      '20261125T120000Z',
    ]);
  });

  it('takes a refused signature for final when the clock is right', async () => {
    const invalid = { __type: 'InvalidSignatureException', message: 'does not match' };
    const requests = await answering(
      answer(403, invalid, { date: 'Wed, 25 Nov 2026 10:33:00 GMT' }),
    );
    const now = () => Date.parse('2026-11-25T10:30:00Z');
    await expect(get({ now })).rejects.toMatchObject({ name: 'InvalidSignatureException' });
    expect(requests).toHaveLength(1);
  });
});

describe('the endpoint', () => {
  it.each([
    'us-east-1',
    'eu-central-1',
    'cn-north-1',
    'cn-northwest-1',
    'us-gov-west-1',
    'us-iso-east-1',
    'us-isob-east-1',
    'us-isof-south-1',
    'eu-isoe-west-1',
    'eusc-de-east-1',
  ])("is the AWS SDK's in %s", (region) => {
    const { endpointProvider } = new SecretsManagerClient({ region }).config;
    const { url } = endpointProvider({ Region: region, UseFIPS: false, UseDualStack: false });
    expect(endpointIn(region, 'secretsmanager').href).toBe(url.href);
  });

  it('is what the environment says for the service, else for all services', () => {
    vi.stubEnv('AWS_ENDPOINT_URL', 'http://localhost:4566');
    expect(endpointIn('us-east-1', 'secretsmanager').href).toBe('http://localhost:4566/');
    vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', 'https://vpce-1.example');
    expect(endpointIn('us-east-1', 'secretsmanager').href).toBe('https://vpce-1.example/');
  });
});
