import { setTimeout as sleep } from 'node:timers/promises';
import { type Reply, receive, type Update } from '../../functions/receiver/index.ts';
import { FAULT_RATES, type FaultRates } from './fault-rates.ts';

const HOUR_MS = 3_600_000;

const { throws, hangs, takesMs }: FaultRates = JSON.parse(process.env[FAULT_RATES] ?? 'null') ?? {};

/** Echoes the number that it was sent, unless the fault rates make it fail. */
async function onUpdate({ message }: Update): Promise<Reply> {
  if (!message?.text) return;
  const chance = Math.random();
  if (chance < throws) throw new Error('An injected fault');
  if (chance < throws + hangs) await sleep(HOUR_MS);
  if (takesMs) await sleep(takesMs);
  return { method: 'sendMessage', chat_id: message.chat.id, text: message.text };
}

export const handler = receive(onUpdate);
