import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { endpointIn } from '../../../functions/aws/endpoint.ts';
import { signedHeaders } from '../../../functions/aws/sigv4.ts';
import type { TokenUnavailableError } from '../../../functions/bot-token/errors.ts';
import { ResourceType } from '../../../functions/contract.ts';
import type { ResourceEvent } from '../../../functions/registrar/event.ts';
import { tokenRetryPolicy } from '../../../functions/registrar/retry/policy.ts';
import { POLICY_PROPAGATION_MS } from '../../../functions/registrar/retry/time-budget.ts';
import { assumeReader, readTokenAsReader } from '../../../functions/registrar/token-reader.ts';
import { handleAlert } from '../../../functions/registrar/watch/alert.ts';
import { fakeToken } from '../../sandbox/index.ts';
import {
  createEvent,
  deleteEvent,
  handle,
  makeFakes,
  properties,
  TWELVE_MINUTES,
  updateEvent,
} from './fakes.ts';
import { check, makeDeployed } from './watch/fixtures.ts';

const source = {
  tokenSecret: 'telegram/dev/bot-token',
  tokenReader: 'arn:aws:iam::123456789012:role/bot-dev-BotIdentityReads-AbCdEf',
};
const caller = { accessKeyId: 'OWN', secretAccessKey: 'own-secret', sessionToken: 'own-session' };
const reader = { accessKeyId: 'READER', secretAccessKey: 'a+b/c=', sessionToken: 'session/+==' };

const assumed = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
  <AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/r/s</Arn></AssumedRoleUser>
  <Credentials>
    <AccessKeyId>${reader.accessKeyId}</AccessKeyId>
    <SecretAccessKey>${reader.secretAccessKey}</SecretAccessKey>
    <SessionToken>${reader.sessionToken}</SessionToken>
    <Expiration>2026-11-26T02:00:00Z</Expiration>
  </Credentials>
</AssumeRoleResult></AssumeRoleResponse>`;

const refused = (code: string) =>
  `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${reader.secretAccessKey}</Message></Error></ErrorResponse>`;

const closing: (() => void)[] = [];

beforeEach(() => {
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'bot-dev-Registrar-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', caller.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', caller.secretAccessKey);
  vi.stubEnv('AWS_SESSION_TOKEN', caller.sessionToken);
});
afterEach(() => {
  vi.unstubAllEnvs();
  for (const close of closing.splice(0)) close();
});

/** Serves a service; returns the requests with their bodies. */
async function serve(variable: string, listener: RequestListener) {
  const requests: (IncomingMessage & { body: string })[] = [];
  const server = createServer(async (request, response) => {
    requests.push(Object.assign(request, { body: await text(request) }));
    listener(request, response);
  });
  closing.push(() => server.close().closeAllConnections());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  vi.stubEnv(variable, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return requests;
}

const sts = (status: number, body: string) =>
  serve('AWS_ENDPOINT_URL_STS', (_, response) => void response.writeHead(status).end(body));

async function failure(): Promise<TokenUnavailableError> {
  return assumeReader(source).then(
    () => expect.unreachable('it was assumed'),
    (error) => error,
  );
}

describe('assumeReader', () => {
  it('asks STS for the shortest session, named after the function, with a signed request', async () => {
    const requests = await sts(200, assumed);
    await expect(assumeReader(source)).resolves.toEqual(reader);
    const [{ body, headers, method, url } = {} as (typeof requests)[0]] = requests;
    expect({ method, url }).toEqual({ method: 'POST', url: '/' });
    expect(Object.fromEntries(new URLSearchParams(body))).toEqual({
      Action: 'AssumeRole',
      Version: '2011-06-15',
      RoleArn: source.tokenReader,
      RoleSessionName: 'bot-dev-Registrar-1',
      DurationSeconds: '900',
    });
    const date = String(headers['x-amz-date']).replace(
      /(....)(..)(..)T(..)(..)(..)Z/,
      '$1-$2-$3T$4:$5:$6Z',
    );
    const { host = '', 'content-type': type = '' } = headers;
    const { authorization } = signedHeaders(
      { method: 'POST', path: '/', headers: { host, 'content-type': type }, body },
      { region: 'eu-west-1', service: 'sts', credentials: caller, date: new Date(date) },
    );
    expect(headers.authorization).toBe(authorization);
  });

  it("uses the endpoint of the function's own region", () => {
    expect(endpointIn('eu-west-1', 'sts').href).toBe('https://sts.eu-west-1.amazonaws.com/');
    expect(endpointIn('cn-north-1', 'sts').href).toBe('https://sts.cn-north-1.amazonaws.com.cn/');
  });

  it.each([
    [403, refused('AccessDenied'), 'denied', 'AccessDenied'],
    [403, refused('ExpiredToken'), 'denied', 'ExpiredToken'],
    [403, refused('RegionDisabledException'), 'denied', 'RegionDisabledException'],
    [400, refused('ValidationError'), 'denied', 'ValidationError'],
    [400, refused('Throttling'), 'unreachable', 'Throttling'],
    [503, 'Service Unavailable', 'unreachable', 'HTTP 503'],
    [200, '<html>a proxy</html>', 'unreachable', 'HTTP 200'],
  ])(
    'tells %i %s to be %s, and quotes nothing but the code',
    async (status, body, reason, code) => {
      await sts(status, body);
      const error = await failure();
      expect(error).toMatchObject({ name: 'TokenUnavailableError', reason });
      expect(error.message).toContain(`Secret ${source.tokenSecret} `);
      expect(error.message).toContain(`(${code})`);
      expect(inspect(error)).not.toContain(reader.secretAccessKey);
    },
  );

  it('is unreachable without an answer', async () => {
    await serve('AWS_ENDPOINT_URL_STS', (request) => void request.socket.destroy());
    const error = await failure();
    expect(error.reason).toBe('unreachable');
    expect(error.message).toMatch(/does not answer \((UND_ERR_SOCKET|ECONNRESET)\)/);
  });

  it('is tried again after a refusal for as long as a trust policy propagates', async () => {
    await sts(403, refused('AccessDenied'));
    const error = await failure();
    expect(error.message).toContain(`assume ${source.tokenReader} (AccessDenied)`);
    expect(tokenRetryPolicy(error)).toEqual({ limitMs: POLICY_PROPAGATION_MS });
  });
});

describe('readTokenAsReader', () => {
  const token = fakeToken();
  const secretsManager = () =>
    serve('AWS_ENDPOINT_URL_SECRETS_MANAGER', (_, response) => {
      response.end(JSON.stringify({ SecretString: token }));
    });
  const scopeOf = ({ headers }: IncomingMessage) =>
    /Credential=(\w+)\/\d+\/([\w-]+)\//.exec(String(headers.authorization))?.slice(1);

  it("reads with the reader's credentials, in the region of the secret", async () => {
    const asked = await sts(200, assumed);
    const requests = await secretsManager();
    const tokenSecret = 'arn:aws:secretsmanager:us-east-2:123456789012:secret:token-AbCdEf';
    await expect(readTokenAsReader({ ...source, tokenSecret })).resolves.toBe(token);
    expect(asked.map(scopeOf)).toEqual([['OWN', 'eu-west-1']]);
    expect(requests.map(scopeOf)).toEqual([['READER', 'us-east-2']]);
    expect(requests[0]?.headers['x-amz-security-token']).toBe(reader.sessionToken);
  });

  it("reads with the function's own without a reader", async () => {
    const asked = await sts(200, assumed);
    const requests = await secretsManager();
    // The clients of other regions, which live as long as the process, may belong to other tests.
    const tokenSecret = 'arn:aws:secretsmanager:sa-east-1:123456789012:secret:token-AbCdEf';
    await expect(readTokenAsReader({ tokenSecret })).resolves.toBe(token);
    expect(asked).toEqual([]);
    expect(requests.map(scopeOf)).toEqual([['OWN', 'sa-east-1']]);
  });
});

describe('the reader in the properties of a resource', () => {
  const TokenReader = source.tokenReader;
  const withReader = { ...properties, TokenReader, Slots: [] };

  const handled = async (event: ResourceEvent) => {
    const fakes = makeFakes();
    await handle(fakes, event);
    return fakes.sources;
  };

  it.each([ResourceType.bot, ResourceType.webhook, ResourceType.profile])(
    'reads the token of %s, on a create and on an update from one without',
    async (type) => {
      expect(await handled(createEvent(type, withReader))).toEqual([source]);
      const old = { ...properties, Slots: [] };
      expect(await handled(updateEvent(type, undefined, withReader, old))).toEqual([source]);
      // A rollback goes back to the properties of an older version.
      const back = updateEvent(type, undefined, old, withReader);
      expect(await handled(back)).toEqual([{ ...source, tokenReader: undefined }]);
    },
  );

  it.each([ResourceType.webhook, ResourceType.profile])(
    'reads the token on a delete of %s',
    async (type) => {
      expect(await handled(deleteEvent(type, undefined, withReader))).toEqual([source]);
    },
  );

  it('reads the token for the watch and for an alert', async () => {
    const watched = makeDeployed();
    await check(watched, { ResourceProperties: withReader });
    expect(watched.sources).toEqual([source]);
    const alerted = makeFakes();
    alerted.telegram.call = async () => true as never;
    const { TokenSecret, ApiRoot } = properties;
    const about = { Chat: '42', Bot: 'Kit/Bot', Description: 'It fails.' };
    const state = { State: 'ALARM', PreviousState: 'OK', TelegramEnvironment: 'prod' } as const;
    await handleAlert(
      { RequestType: 'Alert', TokenSecret, TokenReader, ApiRoot, ...about, ...state },
      TWELVE_MINUTES,
      alerted.services,
    );
    expect(alerted.sources).toEqual([source]);
  });
});
