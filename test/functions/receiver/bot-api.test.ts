import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { fakeToken } from '../../sandbox/index.ts';
import { bodyOf } from '../telegram/http-server.ts';

const token = fakeToken();

beforeEach(() => {
  // The module has a state of its own for the life of an execution environment.
  vi.resetModules();
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('BOT_TOKEN_SECRET', 'telegram/test/bot-token');
});
afterEach(() => vi.unstubAllEnvs());

/** Starts a server that is both Secrets Manager and the Bot API of the environment. */
async function start(
  answerSecret = (response: ServerResponse) =>
    void response.end(JSON.stringify({ SecretString: token })),
) {
  const seen: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer(async (request: IncomingMessage, response) => {
    await bodyOf(request);
    if (request.headers['x-amz-target']) {
      seen.push('secret');
      return answerSecret(response);
    }
    seen.push(String(request.url).replace(token, '<token>'));
    response.end(JSON.stringify({ ok: true, result: { message_id: 1 } }));
  });
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', root);
  vi.stubEnv('TELEGRAM_API_ROOT', root);
  return { seen, sockets };
}

const load = () => import('../../../functions/receiver/bot-api.ts');

describe('while the code loads in Lambda', () => {
  beforeEach(() => vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'bot'));

  it('reads the token and opens a connection to the Bot API, which the first call uses', async () => {
    const { seen, sockets } = await start();
    const { botApi, botToken } = await load();
    expect(seen).toEqual(['secret']);
    expect(sockets.size).toBe(2);
    expect(await botToken()).toBe(token);
    await botApi().call('sendMessage', { chat_id: 1, text: 'hello' });
    expect(seen).toEqual(['secret', '/bot<token>/sendMessage']);
    expect(sockets.size).toBe(2);
  });

  it('does not fail when the token cannot be read, and reads it when it is needed', async () => {
    let isDenied = true;
    const { seen } = await start((response) => {
      if (isDenied) response.writeHead(400).end('{"__type":"AccessDeniedException"}');
      else response.end(JSON.stringify({ SecretString: token }));
    });
    const { botToken } = await load();
    expect(seen).toEqual(['secret']);
    await expect(botToken()).rejects.toMatchObject({ reason: 'denied' });
    isDenied = false;
    expect(await botToken()).toBe(token);
    expect(seen).toEqual(['secret', 'secret', 'secret']);
  });

  it.each([
    ['TELEGRAM_API_ROOT', 'http://127.0.0.1:1'],
    ['TELEGRAM_API_ROOT', ''],
    ['BOT_TOKEN_SECRET', ''],
  ])('does not fail when %s is %j', async (name, value) => {
    await start();
    vi.stubEnv(name, value);
    await expect(load()).resolves.toHaveProperty('botToken');
  });
});

describe('elsewhere', () => {
  it('does nothing until it is asked', async () => {
    vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', undefined);
    const { seen, sockets } = await start();
    const { botApi } = await load();
    expect(sockets.size).toBe(0);
    await botApi().call('sendMessage', { chat_id: 1, text: 'hello' });
    expect(seen).toEqual(['secret', '/bot<token>/sendMessage']);
  });
});

describe('botToken', () => {
  it('names the missing variable when the stack has not set it', async () => {
    const { botToken } = await load();
    vi.stubEnv('BOT_TOKEN_SECRET', undefined);
    await expect(botToken()).rejects.toThrow(/^BOT_TOKEN_SECRET is not set\. The stack sets it/);
  });
});
