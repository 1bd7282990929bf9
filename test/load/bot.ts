import { setTimeout as sleep } from 'node:timers/promises';
import { type Reply, receive, type Update } from '../../functions/receiver/index.ts';
import { TEMPER, type Temper } from './fault-rates.ts';

const HOUR_MS = 3_600_000;

const { throws, hangs, takesMs }: Temper = JSON.parse(process.env[TEMPER] ?? 'null') ?? {};

/** Says back the number that it was sent, unless it is in a temper. */
async function onUpdate({ message }: Update): Promise<Reply> {
  if (!message?.text) return;
  const chance = Math.random();
  if (chance < throws) throw new Error('This bot throws now and then');
  if (chance < throws + hangs) await sleep(HOUR_MS);
  if (takesMs) await sleep(takesMs);
  return { method: 'sendMessage', chat_id: message.chat.id, text: message.text };
}

export const handler = receive(onUpdate);
