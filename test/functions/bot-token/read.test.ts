import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { getSecret } from '../../../functions/aws/secrets-manager.ts';
import type { TokenUnavailableError } from '../../../functions/bot-token/errors.ts';
import { type GetSecret, readBotToken } from '../../../functions/bot-token/read.ts';
import { getSecretFrom, getSecretWithSdk } from '../../../functions/registrar/secret-with-sdk.ts';
import { fakeToken } from '../../sandbox/index.ts';

const token = fakeToken();
const name = 'telegram/dev/bot-token';
const arn = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:telegram/dev/bot-token-Ab12Cd';

const started: (Server | SecretsManagerClient)[] = [];

beforeEach(() => {
  vi.stubEnv('AWS_REGION', 'us-east-1');
});
afterEach(() => {
  vi.unstubAllEnvs();
  for (const each of started.splice(0)) {
    if (each instanceof SecretsManagerClient) each.destroy();
    else each.close().closeAllConnections();
  }
});

/** Gets secrets from a fake Secrets Manager. */
type Transport = (endpoint: string) => GetSecret;

const transports: [string, Transport][] = [
  [
    'the AWS SDK',
    (endpoint) => {
      const client = new SecretsManagerClient({
        endpoint,
        region: 'us-east-1',
        credentials: { accessKeyId: 'AKIAFAKE', secretAccessKey: 'fake' },
        maxAttempts: 1,
      });
      started.push(client);
      return (id, _region, signal) => getSecretFrom(client, id, signal);
    },
  ],
  [
    'a signed request',
    (endpoint) => {
      vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', endpoint);
      return getSecret;
    },
  ],
];

function readWith(get: GetSecret, secretId: string, timeoutMs = 60_000) {
  return readBotToken(secretId, get, { signal: AbortSignal.timeout(timeoutMs) });
}

async function failureOf(secretId: string, get: GetSecret, timeoutMs?: number) {
  return readWith(get, secretId, timeoutMs).then(
    () => expect.unreachable('the token was read'),
    (error: TokenUnavailableError) => error,
  );
}

describe.each([
  ['the AWS SDK', getSecretWithSdk],
  ['a signed request', getSecret],
])('readBotToken with an ARN and %s', (_name, get) => {
  /** Starts a fake Secrets Manager that answers for every region; returns the region of each request. */
  async function regionsAsked(): Promise<string[]> {
    const regions: string[] = [];
    const server = createServer((request, response) => {
      const [, region = ''] =
        /\/([\w-]+)\/secretsmanager\//.exec(`${request.headers.authorization}`) ?? [];
      regions.push(region);
      const name = region === 'eu-west-2' ? 'ResourceNotFoundException' : undefined;
      response.writeHead(name ? 400 : 200);
      response.end(JSON.stringify(name ? { __type: name, message: '' } : { SecretString: token }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    started.push(server);
    const { port } = server.address() as AddressInfo;
    vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', `http://127.0.0.1:${port}`);
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAFAKE');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'fake');
    return regions;
  }
  const arnIn = (region: string) => arn.replace('us-east-1', region);

  it('reads the secret in the region of the ARN', async () => {
    const regions = await regionsAsked();
    for (const region of ['eu-west-1', 'ap-south-1']) {
      await expect(readBotToken(arnIn(region), get)).resolves.toBe(token);
    }
    expect(regions).toEqual(['eu-west-1', 'ap-south-1']);
  });

  it('names that region, and the name in the ARN, when the secret is missing', async () => {
    await regionsAsked();
    const { message } = await readBotToken(arnIn('eu-west-2'), get).catch((error) => error);
    expect(message).toContain('does not exist in eu-west-2');
    expect(message.endsWith(`\nnpm run token -- --secret ${arnIn('eu-west-2')}`)).toBe(true);
  });
});

describe.each(transports)('with %s', (_name, transport) => {
  /** Starts a fake Secrets Manager, and returns how to get its secrets. */
  async function clientOf(listener: RequestListener): Promise<GetSecret> {
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    started.push(server);
    return transport(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  }

  function answering(status: number, body: unknown): Promise<GetSecret> {
    return clientOf((_request, response) => {
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  }

  function failing(type: string, message: string, status = 400): Promise<GetSecret> {
    return answering(status, { __type: type, message });
  }

  it('reads the token from the secret', async () => {
    let body = '';
    const client = await clientOf(async (request, response) => {
      for await (const chunk of request) body += chunk;
      response.end(JSON.stringify({ SecretString: `${token}\n` }));
    });
    await expect(readWith(client, name)).resolves.toBe(token);
    expect(JSON.parse(body)).toEqual({ SecretId: name });
  });

  describe('readBotToken when the secret is missing', () => {
    const cannotFind = "Secrets Manager can't find the specified secret.";

    it('names the command that creates the secret', async () => {
      const error = await failureOf(name, await failing('ResourceNotFoundException', cannotFind));
      expect(error).toMatchObject({ name: 'TokenUnavailableError', reason: 'missing' });
      expect(error.message).toBe(
        'Secret telegram/dev/bot-token does not exist in us-east-1 (ResourceNotFoundException). ' +
          'Create it:\nnpm run token -- --secret telegram/dev/bot-token --region us-east-1',
      );
    });

    it('says that a secret has another ARN after it was created again', async () => {
      const error = await failureOf(arn, await failing('ResourceNotFoundException', cannotFind));
      expect(error.message).toContain('Create it again, and give the app its new ARN:');
      const partial = arn.slice(0, -'-Ab12Cd'.length);
      const client = await failing('ResourceNotFoundException', cannotFind);
      expect((await failureOf(partial, client)).message).not.toContain('new ARN');
    });

    it.each([
      ['ResourceNotFoundException', "can't find the specified secret."],
      ['ResourceNotFoundException', "can't find the secret value for staging label: AWSCURRENT"],
      ['InvalidRequestException', 'it was marked for deletion.'],
    ])('gives the command the ARN, which has the region: %s, %s', async (type, message) => {
      const error = await failureOf(arn, await failing(type, message));
      expect(error.message.endsWith(`\nnpm run token -- --secret ${arn}`)).toBe(true);
    });

    it('recognizes a secret that was created without a value', async () => {
      const message =
        "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT";
      const error = await failureOf(name, await failing('ResourceNotFoundException', message));
      expect(error.reason).toBe('missing');
      expect(error.message).toContain('has no value yet');
      expect(error.message).toContain(`Store the token in it:\nnpm run token -- --secret ${name}`);
    });

    it('recognizes a secret that is scheduled for deletion', async () => {
      const message =
        "You can't perform this operation on the secret because it was marked for deletion.";
      const error = await failureOf(name, await failing('InvalidRequestException', message));
      expect(error.reason).toBe('missing');
      expect(error.message).toContain(`Restore it:\nnpm run token -- --secret ${name}`);
    });
  });

  describe('readBotToken when the secret cannot be read', () => {
    it('explains a denial, which AWS also returns for a secret that does not exist', async () => {
      const error = await failureOf(name, await failing('AccessDeniedException', 'not authorized'));
      expect(error.reason).toBe('denied');
      expect(error.message).toContain('does not exist in us-east-1, or this function');
      expect(error.message).toMatch(
        /npm run token -- --secret telegram\/dev\/bot-token --region us-east-1$/,
      );
    });

    it.each([
      ['AccessDeniedException', 'User is not authorized', 400, 'denied'],
      ['AccessDeniedException', 'Access to KMS is not allowed', 400, 'denied'],
      ['UnrecognizedClientException', 'The security token is invalid', 400, 'denied'],
      ['DecryptionFailure', 'cannot decrypt', 400, 'denied'],
      ['InvalidRequestException', 'The key is disabled', 400, 'denied'],
      ['InvalidParameterException', 'Invalid name', 400, 'missing'],
      ['ThrottlingException', 'Rate exceeded', 400, 'unreachable'],
      ['InternalServiceError', 'oops', 500, 'unreachable'],
    ])('reports %s (%s) with status %i as %s', async (type, message, status, reason) => {
      const error = await failureOf(name, await failing(type, message, status));
      expect(error.reason).toBe(reason);
      expect(error.message).toContain(`Secret ${name} `);
      expect(error.message).toContain(`(${type})`);
    });

    it('reports a request without an answer as unreachable', async () => {
      const client = await clientOf(() => {});
      const error = await failureOf(name, client, 100);
      expect(error.reason).toBe('unreachable');
      expect(error.message).toMatch(/does not answer \((AbortError|TimeoutError)\)/);
    });

    it('reports a broken connection as unreachable', async () => {
      const client = await clientOf((request) => request.socket.destroy());
      const error = await failureOf(name, client);
      expect(error.reason).toBe('unreachable');
      expect(error.message).toContain('(ECONNRESET)');
    });

    it('reports binary data as unusable', async () => {
      const client = await answering(200, { SecretBinary: Buffer.from(token).toString('base64') });
      expect((await failureOf(name, client)).reason).toBe('unusable');
    });
  });

  it('never shows the token, not even from a response that the SDK cannot parse', async () => {
    const client = await answering(200, `{"SecretString":"${token}" oops`);
    const error = await failureOf(name, client);
    expect(error.reason).toBe('unreachable');
    const shown = inspect(error, { depth: 20, showHidden: true }) + error.stack;
    expect(shown).not.toContain(token.slice(token.indexOf(':') + 1));
  });
});
