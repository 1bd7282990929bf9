import { describe, expect, it } from 'vitest';
import type { Message } from '../../../functions/aws/sqs.ts';
import type { WebhookRequest } from '../../../functions/inbound/authenticate.ts';
import {
  enqueueRequest,
  type Ingress,
  type UpdateUnqueued,
} from '../../../functions/ingress/enqueue.ts';
import { delivery, message, SECRET_HEADER, SECRET_SHA256 } from '../../harness.ts';

async function enqueue(request: WebhookRequest, changes: Partial<Ingress> = {}) {
  const sent: Message[] = [];
  const logged: UpdateUnqueued[] = [];
  const response = await enqueueRequest(request, {
    secretSha256: SECRET_SHA256,
    botId: '7000000001',
    queue: {
      async send(message) {
        sent.push(message);
      },
    },
    log: (line) => logged.push(line),
    ...changes,
  });
  return { response, sent, logged };
}

const brokenQueue = {
  send: () => Promise.reject(new Error('SendMessage: no answer within 3000 ms')),
};

describe('enqueueRequest', () => {
  it('sends an update to the queue, and acknowledges it', async () => {
    const { response, sent, logged } = await enqueue(delivery(message('hi', 9)));
    expect(response).toEqual({ statusCode: 200 });
    expect(sent).toEqual([
      {
        MessageBody: JSON.stringify(message('hi', 9)),
        MessageGroupId: '7000000001-chat-42',
        MessageDeduplicationId: '7000000001-9',
      },
    ]);
    expect(logged).toEqual([]);
  });

  it('sends a probe to the queue too, which proves that it may write to the queue', async () => {
    const { sent } = await enqueue(delivery({ update_id: 0 }));
    expect(sent).toHaveLength(1);
    const broken = await enqueue(delivery({ update_id: 0 }), { queue: brokenQueue });
    expect(broken.response).toEqual({ statusCode: 500 });
  });

  it('responds with 500 when the queue fails, and logs the update and the reason in one line', async () => {
    const { response, logged } = await enqueue(delivery(message('private', 9)), {
      queue: brokenQueue,
    });
    expect(response).toEqual({ statusCode: 500 });
    expect(logged).toMatchObject([
      {
        event: 'update.unqueued',
        updateId: 9,
        errorMessage: 'SendMessage: no answer within 3000 ms',
      },
    ]);
    expect(JSON.stringify(logged)).not.toContain('private');
  });

  it.each<[number, WebhookRequest, Partial<Ingress>]>([
    [401, delivery(message('hi'), { headers: {} }), {}],
    [401, delivery(message('hi'), { headers: { [SECRET_HEADER]: 'wrong' } }), {}],
    [401, delivery(message('hi')), { secretSha256: undefined }],
    [
      404,
      delivery(message('hi'), { requestContext: { routeKey: '$default' } }),
      { pathSha256: '0' },
    ],
    [400, delivery('{"update_id":'), {}],
    [400, delivery({ no: 'update' }), {}],
    [413, delivery(`{"update_id":1,"x":"${'x'.repeat(1024 * 1024)}"}`), {}],
  ])(
    'refuses with %i a request that is not an authentic update, and sends nothing',
    async (...given) => {
      const [status, request, changes] = given;
      const { response, sent, logged } = await enqueue(request, changes);
      expect(response).toEqual({ statusCode: status });
      expect(sent).toEqual([]);
      expect(logged).toEqual([]);
    },
  );
});
