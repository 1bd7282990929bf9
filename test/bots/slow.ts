import { setTimeout as sleep } from 'node:timers/promises';
import { type Reply, receive, type Update } from '../../functions/receiver/index.ts';

const SLOW_MS = 20_000;

async function onUpdate({ message }: Update): Promise<Reply> {
  if (!message?.text) return;
  await sleep(SLOW_MS);
  return { method: 'sendMessage', chat_id: message.chat.id, text: message.text };
}

export const handler = receive(onUpdate);
