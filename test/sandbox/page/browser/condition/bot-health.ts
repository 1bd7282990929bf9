import type { BotView } from '../../protocol.ts';

export interface BotHealth {
  readonly isGood: boolean;
  /** A few words for the header of the page. */
  readonly text: string;
}

/** Says how a bot is: the first thing that is wrong counts, in the order in which it has to be fixed. */
export function botHealth({
  path,
  isTokenValid,
  webhookInfo,
  diagnosis,
  queue,
}: BotView): BotHealth {
  const bad = (text: string): BotHealth => ({ isGood: false, text });
  if (!path) return bad('not deployed');
  if (!isTokenValid) return bad('token refused');
  if (!webhookInfo.url) return bad('no webhook');
  if (diagnosis && diagnosis.condition !== 'healthy') {
    return bad(diagnosis.condition.replaceAll('-', ' '));
  }
  const dead = queue?.deadLetters.length ?? 0;
  if (dead > 0) return bad(dead === 1 ? '1 dead letter' : `${dead} dead letters`);
  if (webhookInfo.pending_update_count > 0 && webhookInfo.last_error_message) {
    return bad('deliveries fail');
  }
  return { isGood: true, text: 'webhook set' };
}
