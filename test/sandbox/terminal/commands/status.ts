import { line, style, visible } from '../style.ts';
import type { Command } from './command.ts';

const status: Command = {
  name: 'status',
  help: 'asks the registrar how the webhook is',
  async run(session) {
    const { current } = session;
    if (!current.diagnose) {
      return session.print(
        line`No watch is deployed for this bot: ask a bot that a TelegramBot of the kit runs.`,
      );
    }
    const { condition, cause, fix, webhook } = await current.diagnose();
    const isHealthy = condition === 'healthy';
    session.print(style(isHealthy ? 'green' : 'red', condition));
    if (!isHealthy) session.print(visible(`  ${cause}\n  ${fix}`));
    if (webhook?.host) {
      session.print(
        visible(`  The webhook is at ${webhook.host}, ${webhook.pendingUpdates} updates pending.`),
      );
    }
    const deadLetters = current.queue?.deadLetters?.queue.size ?? 0;
    if (deadLetters > 0)
      session.print(visible(`  Dead letters: ${deadLetters}. :dead-letters lists them.`));
  },
};

export const statusCommands = [status];
