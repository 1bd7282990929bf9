import type { APIGatewayProxyEventV2, SQSEvent } from 'aws-lambda';

export const BOT_ID = 7000000001;
export const WEBHOOK_SECRET = 'bench-webhook-secret';

const from = {
  ...{ id: 1234567890, is_bot: false, first_name: 'Ada', last_name: 'Lovelace' },
  ...{ username: 'ada', language_code: 'en', is_premium: true },
};
const chat = { id: from.id, first_name: 'Ada', last_name: 'Lovelace', type: 'private' };
const message = { message_id: 42, from, chat, date: 1700000000, text: 'hello there' };

const callback = {
  update_id: 100,
  callback_query: {
    id: '5302346789012345678',
    from,
    chat_instance: '-1234567890123456789',
    data: 'hello',
    message: {
      ...message,
      from: { id: BOT_ID, is_bot: true, first_name: 'Bench', username: 'bench_bot' },
      reply_markup: { inline_keyboard: [[{ text: 'Press me', callback_data: 'hello' }]] },
    },
  },
};

/** Updates by what they are. */
export const UPDATES = {
  text: { update_id: 100, message },
  callback,
  /** A long post with formatting, 8 kB. */
  post: { update_id: 100, message: { ...message, text: 'word '.repeat(800), ...entities(80) } },
  /** 480 kB, about the largest that Telegram sends. */
  large: { update_id: 100, message: { ...message, ...entities(9600) } },
};

function entities(count: number) {
  return {
    entities: Array.from({ length: count }, (_, index) => ({
      offset: index * 5,
      length: 4,
      type: 'italic',
    })),
  };
}

/** Returns the event of a delivery by Telegram through an HTTP API. */
export function httpEvent(update: object): APIGatewayProxyEventV2 {
  const headers = {
    accept: '*/*',
    'content-type': 'application/json',
    host: 'bench.execute-api.us-east-1.amazonaws.com',
    'x-amzn-trace-id': 'Root=1-00000000-000000000000000000000000',
    'x-forwarded-for': '149.154.167.220',
    'x-forwarded-port': '443',
    'x-forwarded-proto': 'https',
    'x-telegram-bot-api-secret-token': WEBHOOK_SECRET,
  };
  return {
    version: '2.0',
    routeKey: 'POST /webhook',
    rawPath: '/webhook',
    rawQueryString: '',
    headers,
    requestContext: {
      accountId: '123456789012',
      apiId: 'bench',
      domainName: headers.host,
      domainPrefix: 'bench',
      http: {
        method: 'POST',
        path: '/webhook',
        protocol: 'HTTP/1.1',
        sourceIp: '149.154.167.220',
        userAgent: '',
      },
      requestId: 'bench',
      routeKey: 'POST /webhook',
      stage: '$default',
      time: '14/Nov/2023:22:13:20 +0000',
      timeEpoch: 1700000000000,
    },
    body: JSON.stringify(update),
    isBase64Encoded: false,
  };
}

/** Returns the event of a batch with one update from the queue. */
export function queueEvent(update: object): SQSEvent {
  return {
    Records: [
      {
        messageId: '00000000-0000-0000-0000-000000000000',
        receiptHandle: 'bench',
        body: JSON.stringify(update),
        attributes: {
          ApproximateReceiveCount: '1',
          SentTimestamp: '1700000000000',
          SenderId: 'bench',
          ApproximateFirstReceiveTimestamp: '1700000000000',
          MessageGroupId: `${BOT_ID}-chat-${chat.id}`,
          MessageDeduplicationId: `${BOT_ID}-100`,
        },
        messageAttributes: {},
        md5OfBody: '',
        eventSource: 'aws:sqs',
        eventSourceARN: 'arn:aws:sqs:us-east-1:123456789012:Updates.fifo',
        awsRegion: 'us-east-1',
      },
    ],
  };
}
