import type { WebhookInfo } from '@grammyjs/types';
import type { BotQueue, LocalBot } from '../terminal/bots.ts';
import { updateIn } from '../terminal/in-transit.ts';
import type { BotView, DiagnosisView, FaultView } from './protocol.ts';

interface BotFacts {
  readonly apiRoot: string | undefined;
  readonly diagnosis: DiagnosisView | undefined;
  readonly faults: readonly FaultView[];
  /** Absent if its secret is gone. */
  readonly storedToken: string | undefined;
}

export function viewBot({ bot, path, queue, diagnose }: LocalBot, facts: BotFacts): BotView {
  const { apiRoot, diagnosis, faults, storedToken } = facts;
  return {
    id: bot.id,
    username: bot.user.username,
    firstName: bot.user.first_name,
    ...(path !== undefined && { path }),
    ...(apiRoot !== undefined && { apiRoot }),
    isQueued: queue !== undefined,
    webhookInfo: withoutPath(bot.webhook.info()),
    isWatched: diagnose !== undefined,
    ...(diagnosis && { diagnosis }),
    isTokenValid: storedToken === bot.token,
    ...(queue && { queue: viewQueue(queue) }),
    faults,
  };
}

/** The path of a webhook is half of its secret. */
function withoutPath(info: WebhookInfo): WebhookInfo {
  const { url = '' } = info;
  return { ...info, url: url === '' ? '' : `${new URL(url).origin}/…` };
}

function viewQueue({ updates, deadLetters }: BotQueue): NonNullable<BotView['queue']> {
  return {
    waiting: updates.size,
    deadLetters: (deadLetters?.queue.messages() ?? []).map((message) => ({
      id: message.id,
      updateId: updateIn(message).update_id,
      attempts: message.receiveCount,
    })),
  };
}
