import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { Queue } from '../../../functions/aws/sqs.ts';
import { type Certificate, makeCertificate } from '../../sandbox/index.ts';
import { bodyOf } from '../telegram/http-server.ts';

const message = {
  MessageBody: '{"update_id":1}',
  MessageGroupId: 'chat-1',
  MessageDeduplicationId: '7-1',
};
const SECRET_KEY = 'FAKE/secret+access/key';

let certificate: Certificate;
beforeAll(async () => {
  certificate = await makeCertificate(['localhost']);
});
beforeEach(() => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'ASIAFAKE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', SECRET_KEY);
  vi.stubEnv('AWS_SESSION_TOKEN', 'FAKE-SESSION');
  vi.stubEnv('AWS_REGION', 'eu-central-1');
});
afterEach(() => vi.unstubAllEnvs());

/** Makes attempts time out when the server wants it, instead of after some time. */
function timeOutOnRequest(attempts: number): Answer {
  const timeouts = Array.from({ length: attempts }, () => new AbortController());
  const spy = vi.spyOn(AbortSignal, 'timeout');
  for (const { signal } of timeouts) spy.mockReturnValueOnce(signal);
  onTestFinished(() => void spy.mockRestore());
  return () => timeouts.shift()?.abort();
}

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

/** Returns a queue at a server that gives these answers in turn, and then repeats the last. */
async function queueAt(...answers: Answer[]) {
  const requests: Pick<IncomingMessage & { body: string }, 'method' | 'headers' | 'body'>[] = [];
  const sockets = new Set<unknown>();
  const server = createServer({ key: certificate.key, cert: certificate.certificate });
  server.on('request', async (request, response) => {
    sockets.add(request.socket);
    const { method, headers } = request;
    requests.push({ method, headers, body: String(await bodyOf(request)) });
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    answer?.(response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    queue.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const url = `https://localhost:${(server.address() as AddressInfo).port}/123456789012/Updates.fifo`;
  // Far longer than an answer takes, on any machine.
  const queue = new Queue(url, { ca: certificate.certificate, attemptMs: 60_000 });
  return { queue, url, requests, sockets };
}

const answer =
  (status: number, body: unknown): Answer =>
  (response) =>
    response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
const ok = answer(200, { MessageId: '1', MD5OfMessageBody: '' });
const outage = answer(503, { __type: 'com.amazonaws.sqs#ServiceUnavailable', message: 'Later' });

async function failureOf(sending: Promise<void>): Promise<Error> {
  return sending.then(
    () => expect.unreachable('it was sent'),
    (error: Error) => error,
  );
}

describe('Queue', () => {
  it('sends a message in one signed request', async () => {
    const { queue, url, requests } = await queueAt(ok);
    await queue.send(message);
    expect(requests).toHaveLength(1);
    const [{ headers, body }] = requests as [(typeof requests)[0]];
    expect(JSON.parse(body)).toEqual({ QueueUrl: url, ...message });
    expect(headers).toMatchObject({
      host: new URL(url).host,
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'AmazonSQS.SendMessage',
      'x-amz-security-token': 'FAKE-SESSION',
      authorization: expect.stringMatching(
        /^AWS4-HMAC-SHA256 Credential=ASIAFAKE\/\d{8}\/eu-central-1\/sqs\/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, Signature=[0-9a-f]{64}$/,
      ),
    });
  });

  it('opens its connection ahead of the first message, whatever SQS answers', async () => {
    const { queue, requests, sockets } = await queueAt(answer(404, '<html>'), ok);
    await queue.open(new AbortController().signal);
    await queue.send(message);
    expect(requests.map(({ method }) => method)).toEqual(['GET', 'POST']);
    expect(sockets.size).toBe(1);
  });

  it('keeps its connection open', async () => {
    const { queue, sockets } = await queueAt(ok);
    for (let i = 0; i < 3; i++) await queue.send(message);
    expect(sockets.size).toBe(1);
  });

  it.each<[string, () => Answer]>([
    ['an outage', () => outage],
    ['a connection that breaks', () => (response) => response.destroy()],
    ['a timeout', () => timeOutOnRequest(1)],
  ])('tries once more after %s', async (_, fault) => {
    const { queue, requests } = await queueAt(fault(), ok);
    await queue.send(message);
    expect(requests).toHaveLength(2);
    expect(requests[1]?.body).toBe(requests[0]?.body);
  });

  it.each<[string, () => Answer, RegExp]>([
    ['an outage', () => outage, /AWS refused with 503 ServiceUnavailable: Later/],
    ['a timeout', () => timeOutOnRequest(2), /no answer within 60000 ms/],
    ['an HTML page', () => answer(502, '<html>'), /AWS refused with 502 UnknownError/],
  ])('stops after two attempts that end in %s', async (_, fault, reason) => {
    const { queue, requests } = await queueAt(fault());
    expect((await failureOf(queue.send(message))).message).toMatch(reason);
    expect(requests).toHaveLength(2);
  });

  it('stops immediately when SQS refuses', async () => {
    const { queue, requests } = await queueAt(
      answer(403, { __type: 'AccessDeniedException', Message: 'Not you', message: 'Not you' }),
    );
    const error = await failureOf(queue.send(message));
    expect(error.message).toBe('SendMessage: AWS refused with 403 AccessDeniedException: Not you');
    expect(requests).toHaveLength(1);
  });

  it('sets the visibility of messages in one request', async () => {
    const { queue, url, requests } = await queueAt(answer(200, { Successful: [], Failed: [] }));
    await queue.changeVisibility(['a', 'b'], 30);
    expect(requests).toHaveLength(1);
    expect(requests[0]?.headers['x-amz-target']).toBe('AmazonSQS.ChangeMessageVisibilityBatch');
    expect(JSON.parse(requests[0]?.body ?? '')).toEqual({
      QueueUrl: url,
      Entries: [
        { Id: '0', ReceiptHandle: 'a', VisibilityTimeout: 30 },
        { Id: '1', ReceiptHandle: 'b', VisibilityTimeout: 30 },
      ],
    });
  });

  it('deletes messages in one request', async () => {
    const { queue, url, requests } = await queueAt(answer(200, { Successful: [] }));
    await queue.delete(['a']);
    expect(requests[0]?.headers['x-amz-target']).toBe('AmazonSQS.DeleteMessageBatch');
    expect(JSON.parse(requests[0]?.body ?? '')).toEqual({
      QueueUrl: url,
      Entries: [{ Id: '0', ReceiptHandle: 'a' }],
    });
  });

  it('fails when SQS refuses only some of the messages, with status 200', async () => {
    const failed = {
      Id: '1',
      Code: 'InvalidParameterValue',
      Message: 'The receipt handle has expired',
    };
    const { queue } = await queueAt(answer(200, { Successful: [{ Id: '0' }], Failed: [failed] }));
    const error = await failureOf(queue.changeVisibility(['a', 'b'], 30));
    expect(error.message).toContain('InvalidParameterValue: The receipt handle has expired');
  });

  it('keeps credentials and content out of its errors', async () => {
    for (const fault of [outage, (response: ServerResponse) => response.destroy()]) {
      const { queue } = await queueAt(fault);
      const shown = inspect(await failureOf(queue.send(message)), { depth: 20, showHidden: true });
      expect(shown).not.toContain(SECRET_KEY);
      expect(shown).not.toContain('FAKE-SESSION');
      expect(shown).not.toContain('update_id');
    }
  });
});
