import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { receive } from '../../functions/receiver/index.ts';

const secrets = new SecretsManagerClient();

/** Answers with the value of the secret that a message names. */
export const handler = receive(async ({ message }) => {
  if (!message) return undefined;
  const text = await secrets.send(new GetSecretValueCommand({ SecretId: message.text })).then(
    ({ SecretString }) => String(SecretString),
    (error) => error.name,
  );
  return { method: 'sendMessage', chat_id: message.chat.id, text };
});
