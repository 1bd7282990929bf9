import { setTimeout as sleep } from 'node:timers/promises';
import { apiRoot, botToken, receive, type Update } from '../../functions/receiver/index.ts';

/** Longer than the bot's timeout, and shorter than it takes until the update is a dead letter. */
const LATE_MS = 24_000;

/** Answers at once, except to `late`, which it answers long after its time is over. */
async function onUpdate({ message }: Update): Promise<void> {
  if (!message?.text) return;
  const token = await botToken();
  if (message.text === 'late') await sleep(LATE_MS);
  await fetch(`${apiRoot()}/bot${token}/sendMessage`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ chat_id: message.chat.id, text: message.text }),
  });
}

export const handler = receive(onUpdate);
