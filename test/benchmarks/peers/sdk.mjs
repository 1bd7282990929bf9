import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

const { BOT_TOKEN_SECRET: SecretId, TELEGRAM_API_ROOT, WEBHOOK_SECRET } = process.env;
const client = new SecretsManagerClient();
let token;

export const handler = async ({ headers, body }) => {
  if (headers['x-telegram-bot-api-secret-token'] !== WEBHOOK_SECRET) return { statusCode: 401 };
  const { message } = JSON.parse(body);
  token ??= (await client.send(new GetSecretValueCommand({ SecretId }))).SecretString;
  const response = await fetch(`${TELEGRAM_API_ROOT}/bot${token}/sendMessage`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ chat_id: message.chat.id, text: message.text }),
  });
  await response.json();
  return { statusCode: response.status };
};
