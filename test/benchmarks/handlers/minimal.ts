import type { APIGatewayProxyEventV2 } from 'aws-lambda';

/** The least that a webhook has to do: check the secret and parse the update. */
export const handler = async ({ headers, body = '' }: APIGatewayProxyEventV2) => {
  if (headers['x-telegram-bot-api-secret-token'] !== process.env.WEBHOOK_SECRET) {
    return { statusCode: 401 };
  }
  JSON.parse(body);
  return { statusCode: 200 };
};
