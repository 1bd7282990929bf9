import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { receive } from '../../functions/receiver/index.ts';

/** Fetches the URL in a message, or asks the AWS host in it for its queues, and answers with the result. */
export const handler = receive(async ({ message }) => {
  if (!message?.text) return undefined;
  const { text } = message;
  const outcome = await ask(text).catch((error) => error.cause?.message ?? error.message);
  return { method: 'sendMessage', chat_id: message.chat.id, text: outcome };
});

async function ask(target: string): Promise<string> {
  if (/^https?:/.test(target)) return String((await fetch(target)).status);
  await new SQSClient({ endpoint: `https://${target}` }).send(new ListQueuesCommand());
  return 'queues';
}
