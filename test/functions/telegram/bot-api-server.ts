import type { IncomingMessage, ServerResponse } from 'node:http';
import { expect } from 'vitest';
import { BotApi } from '../../../functions/telegram/client.ts';
import { fakeToken } from '../../sandbox/index.ts';
import { bodyOf, listen } from './http-server.ts';

export const token = fakeToken();

/** Returns a client of a server that answers every call the same way, and the requests it gets. */
export async function clientOf(
  answer: (response: ServerResponse, request: IncomingMessage) => void,
  timeoutMs = 60_000,
) {
  const requests: { url?: string; type?: string; method?: string; body: Buffer }[] = [];
  const apiRoot = await listen(async (request, response) => {
    const body = await bodyOf(request);
    const { url, method, headers } = request;
    requests.push({ url, method, type: headers['content-type'], body });
    answer(response, request);
  });
  return { api: new BotApi({ token, apiRoot, timeoutMs }), requests, apiRoot };
}

export const jsonAnswer = (status: number, answer: unknown) => (response: ServerResponse) => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(answer));
};

export const html = (status: number, page: string) => (response: ServerResponse) => {
  response.writeHead(status, { 'content-type': 'text/html' });
  response.end(page);
};

export async function rejectionOf(call: Promise<unknown>): Promise<Error> {
  return call.then(
    () => expect.unreachable('the call succeeded'),
    (error: Error) => error,
  );
}
