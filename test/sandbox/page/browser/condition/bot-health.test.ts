import { expect, it } from 'vitest';
import type { BotView } from '../../protocol.ts';
import { botHealth } from './bot-health.ts';

const healthy: BotView = {
  id: 1,
  username: 'kit_bot',
  firstName: 'Kit',
  path: 'Stack/Bot',
  isQueued: true,
  isWatched: true,
  isTokenValid: true,
  webhookInfo: { url: 'https://x.example', has_custom_certificate: false, pending_update_count: 0 },
  diagnosis: { condition: 'healthy', cause: '', fix: '', at: 0 },
  queue: { waiting: 0, deadLetters: [] },
  faults: [],
};

it('is good if nothing is wrong, with or without a watch and a queue', () => {
  expect(botHealth(healthy)).toEqual({ isGood: true, text: 'webhook set' });
  expect(botHealth({ ...healthy, diagnosis: undefined, queue: undefined }).isGood).toBe(true);
});

it.each<[Partial<BotView>, string]>([
  [{ path: undefined, isTokenValid: false }, 'not deployed'],
  [{ isTokenValid: false, webhookInfo: { ...healthy.webhookInfo, url: '' } }, 'token refused'],
  [{ webhookInfo: { ...healthy.webhookInfo, url: '' } }, 'no webhook'],
  [{ diagnosis: { condition: 'out-of-sync', cause: '', fix: '', at: 0 } }, 'out of sync'],
  [
    { queue: { waiting: 0, deadLetters: [{ id: 'a', updateId: 1, attempts: 8 }] } },
    '1 dead letter',
  ],
  [
    { webhookInfo: { ...healthy.webhookInfo, pending_update_count: 1, last_error_message: '500' } },
    'deliveries fail',
  ],
])('names the first thing that is wrong: %j', (change, text) => {
  expect(botHealth({ ...healthy, ...change })).toEqual({ isGood: false, text });
});

it('does not mind an error that is over', () => {
  const webhookInfo = { ...healthy.webhookInfo, last_error_message: '500' };
  expect(botHealth({ ...healthy, webhookInfo }).isGood).toBe(true);
});
