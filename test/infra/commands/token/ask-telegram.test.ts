import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { askTelegram, BadTokenError } from '../../../../infra/commands/token/ask-telegram.ts';
import { fakeToken } from '../../../sandbox/index.ts';

const token = fakeToken(42);
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const answering = (status: number, body: unknown) =>
  serve((_request, response) => {
    response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
  });

const bot = { ok: true, result: { id: 42, is_bot: true, username: 'kit_bot' } };

async function failureOf(apiRoot: string): Promise<Error> {
  const error = await askTelegram(token, { apiRoot, environment: 'prod' }).then(
    () => expect.unreachable('the token was accepted'),
    (error: Error) => error,
  );
  expect(inspect(error, { depth: 20 })).not.toContain(token.slice(3));
  return error;
}

describe('askTelegram', () => {
  it.each([
    ['prod', 'getMe'],
    ['test', 'test/getMe'],
  ] as const)('returns the bot of a token in %s', async (environment, method) => {
    const paths: (string | undefined)[] = [];
    const apiRoot = await serve((request, response) => {
      paths.push(request.url);
      response.end(JSON.stringify(bot));
    });
    const found = await askTelegram(token, { apiRoot, environment });
    expect(found).toEqual({ id: 42, username: 'kit_bot' });
    expect(paths).toEqual([`/bot${token}/${method}`]);
  });

  it.each([401, 404])('reports a token that Telegram answers with %i as bad', async (status) => {
    const error = await failureOf(await answering(status, { ok: false, description: 'no' }));
    expect(error).toBeInstanceOf(BadTokenError);
    expect(error.message).toContain('mistyped or revoked');
  });

  it.each<[string, number, unknown, string]>([
    ['throttles', 429, { ok: false, description: 'Too Many Requests' }, '429 Too Many Requests'],
    ['quotes the token', 400, { description: `bad ${token}` }, 'bad <token>'],
    ['is a proxy', 200, '<html>', 'not as a Bot API server'],
    ['names another bot', 200, { result: { ...bot.result, id: 7 } }, 'not as a Bot API server'],
    ['sends escapes', 200, { result: { id: 42, username: '\u001b[1m' } }, 'not as a Bot API'],
  ])('reports a server that %s', async (_what, status, body, message) => {
    const error = await failureOf(await answering(status, body));
    expect(error).not.toBeInstanceOf(BadTokenError);
    expect(error.message).toContain(message);
  });

  it('reports a server that is not reached, with the way around it', async () => {
    const { message } = await failureOf('http://127.0.0.1:1');
    expect(message).toContain('cannot be reached from here');
    expect(message).toContain('--unchecked');
    const broken = await serve((request) => request.socket.destroy());
    expect((await failureOf(broken)).message).toContain('cannot be reached from here');
  });
});
