import type { WebhookInfo } from '@grammyjs/types';
import type { BotView } from '../../protocol.ts';
import { escapeHidden } from '../escape-hidden.ts';
import { timeOfDay } from '../parts/moment.ts';
import { Card } from './card.tsx';
import { Facts } from './facts.tsx';

/** Shows what getWebhookInfo returns, under Telegram's names. */
export function WebhookFacts({ bot }: { readonly bot: BotView }) {
  const facts = Object.entries(bot.webhookInfo).map(([name, value]) => ({
    name,
    value: factOf(name as keyof WebhookInfo, value),
    isBad: name.startsWith('last_') || (name === 'url' && !value),
  }));
  return (
    <Card title="getWebhookInfo">
      {bot.apiRoot && (
        <p class="muted">
          As the bot sees it here. On Telegram it has no webhook: npm start asks {bot.apiRoot} for
          its updates.
        </p>
      )}
      <Facts facts={facts} />
    </Card>
  );
}

function factOf(name: keyof WebhookInfo, value: unknown): string {
  if (name === 'url' && !value) return 'none: no webhook is set';
  if (name === 'last_error_date' || name === 'last_synchronization_error_date') {
    return `${value} (${timeOfDay(Number(value) * 1000).slice(0, 8)})`;
  }
  if (Array.isArray(value)) return value.join(', ') || 'none';
  return escapeHidden(String(value));
}
