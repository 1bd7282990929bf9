import type { IncomingMessage, ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { classify } from '../../../functions/telegram/classify.ts';
import { BotApi } from '../../../functions/telegram/client.ts';
import {
  TelegramRefusedError,
  TelegramUnreachableError,
} from '../../../functions/telegram/errors.ts';
import { clientOf, html, jsonAnswer, rejectionOf, token } from './bot-api-server.ts';
import { listen } from './http-server.ts';

const secretPart = token.slice(token.indexOf(':') + 1);

/** Returns everything that a log could show of an error. */
function shown(error: Error): string {
  return [
    String(error),
    error.stack,
    JSON.stringify(error),
    inspect(error, { depth: 20, showHidden: true }),
  ].join();
}

describe('a call', () => {
  it('posts its parameters as JSON and resolves with the result', async () => {
    const { api, requests } = await clientOf(
      jsonAnswer(200, { ok: true, result: { message_id: 5 } }),
    );
    await expect(api.call('sendMessage', { chat_id: 1, text: 'hello' })).resolves.toEqual({
      message_id: 5,
    });
    const [request] = requests;
    expect(request).toMatchObject({
      url: `/bot${token}/sendMessage`,
      method: 'POST',
      type: 'application/json',
    });
    expect(JSON.parse(String(request?.body))).toEqual({ chat_id: 1, text: 'hello' });
  });

  it.each([
    [undefined, ''],
    ['prod' as const, ''],
    ['test' as const, '/test'],
  ])('goes to the environment %s, behind the token', async (environment, infix) => {
    const { requests, apiRoot } = await clientOf(jsonAnswer(200, { ok: true, result: true }));
    await new BotApi({ token, apiRoot, environment }).setWebhook({ url: '' });
    expect(requests[0]?.url).toBe(`/bot${token}${infix}/setWebhook`);
  });

  it('leaves out undefined parameters, because Telegram reads null as the text "null"', async () => {
    const { api, requests } = await clientOf(jsonAnswer(200, { ok: true, result: true }));
    await api.setWebhook({ url: '', secret_token: undefined, ip_address: undefined });
    expect(String(requests[0]?.body)).toBe('{"url":""}');
  });

  it('has shortcuts for getMe and getWebhookInfo', async () => {
    const result = { id: 7000000001, is_bot: true, username: 'test_bot', url: '' };
    const { api, requests } = await clientOf(jsonAnswer(200, { ok: true, result }));
    await expect(api.getMe()).resolves.toEqual(result);
    await expect(api.getWebhookInfo()).resolves.toEqual(result);
    expect(requests.map(({ url }) => url?.split('/').pop())).toEqual(['getMe', 'getWebhookInfo']);
  });

  it('accepts false as a result', async () => {
    const { api } = await clientOf(jsonAnswer(200, { ok: true, result: false }));
    await expect(api.call('close')).resolves.toBe(false);
  });
});

describe('a call with a file', () => {
  const pem = new Uint8Array([45, 45, 0, 255, 13, 10, 128]);

  it.each([
    ['bytes', pem, 'certificate'],
    ['a Blob', new Blob([pem]), 'certificate'],
    ['a File with its own name', new File([pem], 'ca.pem'), 'ca.pem'],
  ])('uploads %s byte for byte as multipart/form-data', async (_kind, certificate, fileName) => {
    const { api, requests } = await clientOf(jsonAnswer(200, { ok: true, result: true }));
    await api.setWebhook({
      url: 'https://bot.example/x',
      certificate,
      ip_address: undefined,
      max_connections: 7,
      allowed_updates: ['message', 'poll'],
      drop_pending_updates: true,
    });
    const { type = '', body = Buffer.alloc(0) } = requests[0] ?? {};
    const form = await new Response(new Uint8Array(body), {
      headers: { 'content-type': type },
    }).formData();
    expect(Object.fromEntries([...form].filter(([name]) => name !== 'certificate'))).toEqual({
      url: 'https://bot.example/x',
      max_connections: '7',
      allowed_updates: '["message","poll"]',
      drop_pending_updates: 'true',
    });
    const file = form.get('certificate') as File;
    expect(file.name).toBe(fileName);
    expect(new Uint8Array(await file.arrayBuffer())).toEqual(pem);
  });
});

describe('a result of another shape', () => {
  const me = { id: 7000000001, is_bot: true, username: 'test_bot' };

  it.each([
    'x',
    7000000001,
    true,
    [[]],
    {},
    { ...me, id: 42 },
    { ...me, id: '7000000001' },
    { ...me, username: undefined },
    { ...me, username: '' },
    { ...me, username: 'test_bot\u001b[31m' },
    { ...me, username: 'test_bot\n' },
    { ...me, username: 'a/b' },
    { ...me, username: 5 },
    { ...me, username: 'x'.repeat(65) },
  ])('is not this bot: %j', async (result) => {
    const { api } = await clientOf(jsonAnswer(200, { ok: true, result }));
    const error = await rejectionOf(api.getMe());
    expect(error).toBeInstanceOf(TelegramUnreachableError);
    expect(error.message).toBe(
      "getMe: Telegram was not reached: the answer is JSON that is not the token's bot",
    );
  });

  it.each(['x', 0, true, [[]], {}, { url: null }, { url: 5 }, { pending_update_count: 0 }])(
    'is not a webhook: %j',
    async (result) => {
      const { api } = await clientOf(jsonAnswer(200, { ok: true, result }));
      const error = await rejectionOf(api.getWebhookInfo());
      expect(error).toBeInstanceOf(TelegramUnreachableError);
      expect(error.message).toBe(
        'getWebhookInfo: Telegram was not reached: the answer is JSON that is not a webhook',
      );
    },
  );

  it.each(['x', {}, false, 1])('does not confirm setWebhook: %j', async (result) => {
    const { api } = await clientOf(jsonAnswer(200, { ok: true, result }));
    const error = await rejectionOf(api.setWebhook({ url: '' }));
    expect(error).toBeInstanceOf(TelegramUnreachableError);
    expect(error.message).toBe(
      'setWebhook: Telegram was not reached: the answer is JSON that is not a confirmation',
    );
  });

  it('can pass by itself', async () => {
    const { api } = await clientOf(jsonAnswer(200, { ok: true, result: {} }));
    expect(classify(await rejectionOf(api.getWebhookInfo()))).toEqual({ kind: 'unavailable' });
  });
});

describe('a refusal', () => {
  it('reports the method, the code and the description', async () => {
    const { api } = await clientOf(
      jsonAnswer(401, { ok: false, error_code: 401, description: 'Unauthorized' }),
    );
    const error = await rejectionOf(api.getMe());
    expect(error).toBeInstanceOf(TelegramRefusedError);
    expect(error).toMatchObject({
      name: 'TelegramRefusedError',
      message: 'getMe: Telegram refused with 401 Unauthorized',
      method: 'getMe',
      code: 401,
      description: 'Unauthorized',
    });
  });

  it.each([
    [1, 1],
    [3600, 3600],
    [3601, 3600],
    [7200, 3600],
    [1e300, 3600],
    [0, undefined],
    [-5, undefined],
    [0.001, undefined],
    [1.5, undefined],
    ['9', undefined],
    ['soon', undefined],
    [{ seconds: 9 }, undefined],
    [[9], undefined],
    [true, undefined],
    [null, undefined],
  ])('reads a retry_after of %j as %s', async (retry_after, retryAfter) => {
    const answer = { ok: false, error_code: 429, description: 'Wait', parameters: { retry_after } };
    const { api } = await clientOf(jsonAnswer(429, answer));
    expect(((await rejectionOf(api.getMe())) as TelegramRefusedError).retryAfter).toBe(retryAfter);
  });

  it.each([null, 'soon', 5, []])('accepts %j as parameters', async (parameters) => {
    const answer = { ok: false, error_code: 429, description: 'Wait', parameters };
    const { api } = await clientOf(jsonAnswer(429, answer));
    expect(await rejectionOf(api.getMe())).toMatchObject({ code: 429, retryAfter: undefined });
  });

  it('reports how long to wait', async () => {
    const { api } = await clientOf(
      jsonAnswer(429, {
        ok: false,
        error_code: 429,
        description: 'Too Many Requests: retry after 9',
        parameters: { retry_after: 9 },
      }),
    );
    expect(await rejectionOf(api.setWebhook({ url: '' }))).toMatchObject({
      code: 429,
      retryAfter: 9,
    });
  });

  it('reports the id of the supergroup that a group became, in more than 32 bits', async () => {
    const { api } = await clientOf(
      jsonAnswer(400, {
        ok: false,
        error_code: 400,
        description: 'Bad Request: group chat was upgraded to a supergroup chat',
        parameters: { migrate_to_chat_id: -1001234567890 },
      }),
    );
    const call = api.call('sendMessage', { chat_id: -5, text: 'x' });
    expect(await rejectionOf(call)).toMatchObject({ migrateToChatId: -1001234567890 });
  });
});

describe('an unusable answer', () => {
  const half = '{"ok":true,"res';

  it.each<[string, (response: ServerResponse, request: IncomingMessage) => void, RegExp]>([
    [
      'a proxy returns 502 with HTML',
      html(502, '<html>Bad Gateway'),
      /HTTP 502 came with an HTML page$/,
    ],
    [
      'the root of the Bot API is another site',
      html(404, '<!doctype html>'),
      /HTTP 404 came with an HTML page; check the root of the Bot API/,
    ],
    ['the answer is empty', (response) => response.end(), /HTTP 200 came with an empty body/],
    [
      'ok comes without a result',
      jsonAnswer(200, { ok: true }),
      /JSON that is not a Bot API answer/,
    ],
    [
      'a refusal comes without a code',
      jsonAnswer(400, { ok: false }),
      /JSON that is not a Bot API answer/,
    ],
    ['the answer is null', jsonAnswer(200, null), /JSON that is not a Bot API answer/],
    ['half of the answer arrives', (response) => response.end(half), /a body that is not JSON/],
    [
      'the connection breaks within the body',
      (response) => {
        response.writeHead(200, { 'content-length': 100 });
        response.write(half, () => response.destroy());
      },
      /Telegram was not reached: \w/,
    ],
    ['the connection is reset', (_response, request) => request.socket.resetAndDestroy(), /\w$/],
  ])('throws TelegramUnreachableError when %s', async (_fault, answer, message) => {
    const { api } = await clientOf(answer);
    const error = await rejectionOf(api.getMe());
    expect(error).toBeInstanceOf(TelegramUnreachableError);
    expect(error.message).toMatch(message);
    expect(error).toMatchObject({ name: 'TelegramUnreachableError', method: 'getMe' });
  });

  it.each<[string, Parameters<typeof clientOf>[0]]>([
    ['no answer arrives', () => {}],
    [
      'the answer arrives too slowly',
      (response) => {
        response.writeHead(200);
        const timer = setInterval(() => response.write(' '), 20);
        response.on('close', () => clearInterval(timer));
      },
    ],
  ])('throws TelegramUnreachableError at its timeout when %s', async (_fault, answer) => {
    const { api } = await clientOf(answer, 200);
    const error = await rejectionOf(api.getMe());
    expect(error).toBeInstanceOf(TelegramUnreachableError);
    expect(error.message).toBe('getMe: Telegram was not reached: no answer within 0.2 s');
  });

  it('reports the HTTP status when there is one', async () => {
    const { api } = await clientOf(html(503, '<html>'));
    expect(await rejectionOf(api.getMe())).toMatchObject({ status: 503 });
  });

  it('throws TelegramUnreachableError when the connection is refused', async () => {
    // No process listens on a port that was just released.
    const { createServer } = await import('node:net');
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    const api = new BotApi({ token, apiRoot: `http://127.0.0.1:${port}` });
    const error = await rejectionOf(api.getMe());
    expect(error).toBeInstanceOf(TelegramUnreachableError);
    expect(error.message).toContain('ECONNREFUSED');
  });

  it('throws when the caller cancels the call', async () => {
    const { api } = await clientOf(() => {});
    const error = await rejectionOf(api.getMe({ signal: AbortSignal.abort('enough') }));
    expect(error.message).toBe('getMe: Telegram was not reached: the call was cancelled');
  });
});

describe('the token', () => {
  it('does not send the token along a redirect', async () => {
    const redirected: (string | undefined)[] = [];
    const other = await listen((request, response) => {
      redirected.push(request.url);
      response.end('{"ok":true,"result":true}');
    });
    const { api } = await clientOf((response, request) => {
      response.writeHead(307, { location: `${other}${request.url}` }).end();
    });
    expect(await rejectionOf(api.getMe())).toMatchObject({ status: 307 });
    expect(redirected).toEqual([]);
  });

  const quotingPath = (response: ServerResponse, request: IncomingMessage) =>
    jsonAnswer(404, { ok: false, error_code: 404, description: `No such path: ${request.url}` })(
      response,
    );
  const quotingEncodedPath = (response: ServerResponse, request: IncomingMessage) =>
    jsonAnswer(403, {
      ok: false,
      error_code: 403,
      description: encodeURIComponent(String(request.url)),
    })(response);

  it.each<
    [string, (response: ServerResponse, request: IncomingMessage) => void, timeoutMs?: number]
  >([
    ['a description that quotes the path', quotingPath],
    ['a description that quotes the path URL-encoded', quotingEncodedPath],
    ['a page that quotes the path', (response, request) => html(404, `${request.url}`)(response)],
    ['a broken connection', (_response, request) => request.socket.destroy()],
    [
      'an answer that is not HTTP',
      (_response, request) => request.socket.end(`${request.url}\r\n\r\n`),
    ],
    ['a timeout', () => {}, 200],
  ])('keeps the token out of the error for %s', async (_fault, answer, timeoutMs) => {
    const { api } = await clientOf(answer, timeoutMs);
    expect(shown(await rejectionOf(api.getMe()))).not.toContain(secretPart);
  });

  it.each(['nonsense', 'ftp://bot.example', 'https://user:pass@bot.example', 'http://127.0.0.1:1'])(
    'keeps the token out of the error for a call to %s',
    async (apiRoot) => {
      const error = await rejectionOf(new BotApi({ token, apiRoot }).getMe());
      expect(error).toBeInstanceOf(TelegramUnreachableError);
      expect(shown(error)).not.toContain(secretPart);
    },
  );

  it('keeps the token out of an inspection of the client', () => {
    const api = new BotApi({ token, apiRoot: 'https://api.telegram.org' });
    expect(inspect(api, { depth: 9, showHidden: true })).not.toContain(secretPart);
  });
});
