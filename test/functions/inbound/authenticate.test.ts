import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  authenticateRequest,
  type WebhookRequest,
} from '../../../functions/inbound/authenticate.ts';
import { configuredLocks } from '../../../functions/inbound/webhook-secret.ts';
import { delivery, message, SECRET_HEADER, SECRET_SHA256, sha256 } from '../../harness.ts';

const PATH = 'FAKE-secret_path'.padEnd(43, '0');
const locks = { secretSha256: SECRET_SHA256, pathSha256: sha256(PATH) };

/** Returns a delivery as a Function URL passes it on. */
function urlRequest(rawPath: string, changes: Partial<WebhookRequest> = {}): WebhookRequest {
  return {
    ...delivery(message('hi')),
    rawPath,
    requestContext: { routeKey: '$default', http: { method: 'POST' } },
    ...changes,
  };
}

const NOT_FOUND = { statusCode: 404 };

describe('a request that has passed no route', () => {
  it.each([`/${PATH}`, `/bots/sales/${PATH}`])(
    'is authenticated when its path ends with the secret one: %s',
    (path) => {
      expect(authenticateRequest(urlRequest(path), locks)).toHaveProperty('update');
    },
  );

  it.each([
    ['no path', ''],
    ['the root', '/'],
    ['another path', '/another'],
    ['another path of the right length', `/${PATH.slice(0, -1)}1`],
    ['the beginning of the path', `/${PATH.slice(0, -1)}`],
    ['the path and more', `/${PATH}0`],
    ['a slash after the path', `/${PATH}/`],
    ['the path in another place', `/${PATH}/x`],
    ['the path in another case', `/${PATH.toLowerCase()}`],
    ['the hash in place of the path', `/${sha256(PATH)}`],
  ])('is refused with 404 with %s', (_, path) => {
    expect(authenticateRequest(urlRequest(path), locks)).toEqual(NOT_FOUND);
  });

  it.each(['GET', 'PUT', 'OPTIONS', 'post'])('is refused with 404 with the method %s', (method) => {
    const requestContext = { routeKey: '$default', http: { method } };
    expect(authenticateRequest(urlRequest(`/${PATH}`, { requestContext }), locks)).toEqual(
      NOT_FOUND,
    );
  });

  it.each([
    ['no secret', {}],
    ['a wrong secret', { [SECRET_HEADER]: 'wrong' }],
  ])('is refused with 401 with the right path and %s', (_, headers) => {
    const request = urlRequest(`/${PATH}`, { headers });
    expect(authenticateRequest(request, locks)).toEqual({ statusCode: 401 });
  });

  it.each(['', 'malformed', sha256(PATH).toUpperCase()])(
    'is refused with 404 when the hash of the path is %j',
    (pathSha256) => {
      const misconfigured = { ...locks, pathSha256 };
      expect(authenticateRequest(urlRequest(`/${PATH}`), misconfigured)).toEqual(NOT_FOUND);
    },
  );

  it('is authenticated by its secret when the bot has no Function URL any more', () => {
    const { secretSha256 } = locks;
    expect(authenticateRequest(urlRequest('/x'), { secretSha256 })).toHaveProperty('update');
  });
});

it('leaves the path of a request to the route that it has passed', () => {
  const requestContext = { routeKey: `POST /${PATH}`, http: { method: 'POST' } };
  const request = urlRequest('/bots/other', { requestContext });
  expect(authenticateRequest(request, locks)).toHaveProperty('update');
});

describe('configuredLocks', () => {
  afterEach(() => vi.unstubAllEnvs());

  it.each([undefined, sha256(PATH)])('reads the hash of the path: %s', (pathSha256) => {
    vi.stubEnv('WEBHOOK_SECRET_SHA256', SECRET_SHA256);
    vi.stubEnv('WEBHOOK_PATH_SHA256', pathSha256);
    const lines: object[] = [];
    expect(configuredLocks((line) => lines.push(line))).toEqual({ ...locks, pathSha256 });
    expect(lines).toEqual([]);
  });
});
