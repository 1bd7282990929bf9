import { setTimeout as sleep } from 'node:timers/promises';
import {
  apiRoot,
  botToken,
  type Reply,
  receive,
  type Update,
} from '../../functions/receiver/index.ts';
import { FAULT_RATES, type FaultRates, LATE } from './fault-rates.ts';

const { throws, hangs, hangsMs, takesMs }: FaultRates =
  JSON.parse(process.env[FAULT_RATES] ?? 'null') ?? {};

/**
 * Echoes the number that it was sent, unless the fault rates make it fail. An update that hangs outlasts the bot's
 * timeout, and sends its answer itself after that: it must never arrive.
 */
async function onUpdate({ message }: Update): Promise<Reply> {
  if (!message?.text) return;
  const chance = Math.random();
  if (chance < throws) throw new Error('An injected fault');
  if (chance < throws + hangs) {
    await sleep(hangsMs);
    await sendMessage(message.chat.id, LATE + message.text);
    return;
  }
  if (takesMs) await sleep(takesMs);
  return { method: 'sendMessage', chat_id: message.chat.id, text: message.text };
}

async function sendMessage(chat_id: number, text: string): Promise<void> {
  await fetch(`${apiRoot()}/bot${await botToken()}/sendMessage`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ chat_id, text }),
  });
}

export const handler = receive(onUpdate);
