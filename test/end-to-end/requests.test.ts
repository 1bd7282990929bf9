import {
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  type MockInstance,
  vi,
} from 'vitest';
import type { LocalRequest, LocalResponse } from '../sandbox/index.ts';
import { kitStack } from './app.ts';
import { expectNoSecret } from './no-secret.ts';
import { sharedTestBed } from './test-bed.ts';

const testBed = sharedTestBed();
let webhook: { url: URL; secret: string };
let logGroups: { access: string; receiver: string };
let invocations: MockInstance;

beforeAll(async () => {
  const { sandbox, bot } = testBed();
  const { outputs } = await sandbox.cloudFormation.deploy(kitStack());
  logGroups = {
    access: String(outputs.AccessLogGroup),
    receiver: String(outputs.ReceiverLogGroup),
  };
  const { url = '', secretToken = '' } = sandbox.telegram.webhook(bot.id) ?? {};
  webhook = { url: new URL(url), secret: secretToken };
});

beforeEach(() => {
  // The only method through which the gateway invokes a function.
  invocations = vi.spyOn(testBed().sandbox.aws.lambda, 'invokeAs');
});

afterEach(() => {
  invocations.mockRestore();
  expectNoSecret(testBed().sandbox);
});

const update = JSON.stringify({
  update_id: 1,
  message: { message_id: 1, date: 1, chat: { id: 42, type: 'private' }, text: 'a private word' },
});
const echo = { method: 'sendMessage', chat_id: 42, text: 'a private word' };
const kibibyte = 1024;

describe('a request that is not for the webhook', () => {
  const secretPath = () => webhook.url.pathname;

  it.each<[string, { method?: string; path: () => string }]>([
    ['the root', { path: () => '/' }],
    ['a guessed path', { path: () => `/${'A'.repeat(43)}` }],
    ['the path in upper case', { path: () => secretPath().toUpperCase() }],
    ['the path with a suffix', { path: () => `${secretPath()}/more` }],
    ['the path with a prefix', { path: () => `/more${secretPath()}` }],
    ['a GET', { method: 'GET', path: secretPath }],
    ['a PUT', { method: 'PUT', path: secretPath }],
    ['an OPTIONS', { method: 'OPTIONS', path: secretPath }],
  ])('stops at the gateway: %s', async (_, { method = 'POST', path }) => {
    const url = new URL(path(), webhook.url);
    const response = await request(url, { method, headers: telegramHeaders(), body: update });
    expect(response.status).toBe(404);
    expect(JSON.parse(response.body.toString())).toEqual({ message: 'Not Found' });
    expect(invocations).not.toHaveBeenCalled();
  });
});

describe('an unauthenticated request', () => {
  const secretHeader = 'x-telegram-bot-api-secret-token';

  it.each<[string, () => Record<string, string | string[]>]>([
    ['without a secret', () => ({})],
    ['with an empty secret', () => ({ [secretHeader]: '' })],
    ['with a wrong secret', () => ({ [secretHeader]: 'A'.repeat(43) })],
    ['with the secret and a suffix', () => ({ [secretHeader]: `${webhook.secret}A` })],
    ['with the secret cut short', () => ({ [secretHeader]: webhook.secret.slice(0, -1) })],
    ['with the secret twice', () => ({ [secretHeader]: [webhook.secret, webhook.secret] })],
    ['with a wrong secret and the right one', () => ({ [secretHeader]: ['A', webhook.secret] })],
    ['with the secret in another header', () => ({ authorization: webhook.secret })],
    ['with the path as its secret', () => ({ [secretHeader]: webhook.url.pathname.slice(1) })],
  ])('is refused with 401 and not logged: %s', async (_, secret) => {
    const before = receiverLog();
    const headers = { 'content-type': 'application/json', ...secret() };
    expectBare(await request(webhook.url, { method: 'POST', headers, body: update }), 401);
    expect(receiverLog()).toEqual(before);
  });

  it.each([
    ['is not JSON', '{'],
    ['is too large', 'x'.repeat(1025 * kibibyte)],
  ])('does not learn that its body %s', async (_, body) => {
    expectBare(await request(webhook.url, { method: 'POST', body }), 401);
  });
});

describe('a request with the secret', () => {
  it("reaches the bot as an update and gets the bot's answer", async () => {
    expectEcho(await post(update));
  });

  it('may spell the name of the header in any case', async () => {
    const headers = {
      'content-type': 'application/json',
      'X-TELEGRAM-Bot-Api-SECRET-Token': webhook.secret,
    };
    expectEcho(await request(webhook.url, { method: 'POST', headers, body: update }));
  });

  it('arrives even when the gateway treats its type as binary', async () => {
    expectEcho(await post(update, 'application/octet-stream'));
    const [, , , event] = invocations.mock.lastCall ?? [];
    expect(event).toMatchObject({ isBase64Encoded: true });
  });

  it.each([
    ['an empty body', ''],
    ['broken JSON', update.slice(0, -1)],
    ['a form', 'update_id=1'],
    ['JSON that is not an object', '"update_id"'],
    ['null', 'null'],
    ['a list of updates', `[${update}]`],
    ['an object without an id', '{"message":{}}'],
    ['an id that is not a number', '{"update_id":"1"}'],
  ])('is refused with 400 when it is not an update: %s', async (_, body) => {
    expectBare(await post(body), 400);
  });

  it('is acknowledged without the bot when the update is empty, as the probe is', async () => {
    expectBare(await post('{"update_id":0}'), 200);
  });

  it("is accepted at Telegram's full size", async () => {
    const head = '{"update_id":1,"poll":{"question":"';
    const body = `${head.padEnd(512 * kibibyte - '"}}'.length, '?')}"}}`;
    expectBare(await post(body), 200);
  });

  it.each([['application/json'], ['application/octet-stream']])(
    'is refused with 413 above 1 MiB as %s',
    async (type) => {
      expectBare(await post(update.padEnd(kibibyte ** 2 + 1), type), 413);
      expect(invocations).toHaveBeenCalledOnce();
    },
  );

  it('stops at the gateway above 10 MiB', async () => {
    expect((await post(update.padEnd(10 * kibibyte ** 2 + 1))).status).toBe(413);
    expect(invocations).not.toHaveBeenCalled();
  });
});

function telegramHeaders(type = 'application/json'): Record<string, string> {
  return { 'content-type': type, 'x-telegram-bot-api-secret-token': webhook.secret };
}

function post(body: string, type?: string): Promise<LocalResponse> {
  return request(webhook.url, { method: 'POST', headers: telegramHeaders(type), body });
}

/** Sends a request through the local network; its status must match the access log. */
async function request(url: URL, options: LocalRequest): Promise<LocalResponse> {
  const { network, aws } = testBed().sandbox;
  const before = aws.logs.lines(logGroups.access).length;
  const response = await network.request(url, options);
  const logged = aws.logs.lines(logGroups.access).slice(before);
  expect(logged.map((line) => JSON.parse(line))).toEqual([
    expect.objectContaining({ method: options.method, status: String(response.status) }),
  ]);
  return response;
}

function receiverLog(): string[] {
  return testBed().sandbox.aws.logs.lines(logGroups.receiver);
}

/** Expects no body, and no headers but the gateway's own. */
function expectBare({ status, body, headers }: LocalResponse, expected: number): void {
  expect({ status, body: body.toString() }).toEqual({ status: expected, body: '' });
  expect(Object.keys(headers).sort()).toEqual([
    'apigw-requestid',
    'connection',
    'content-length',
    'content-type',
    'date',
  ]);
}

function expectEcho({ status, body }: LocalResponse): void {
  expect({ status, body: JSON.parse(body.toString()) }).toEqual({ status: 200, body: echo });
}
