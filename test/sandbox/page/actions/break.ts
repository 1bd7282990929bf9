import { randomId } from '../../aws/account.ts';
import { fakeToken } from '../../telegram/fake-token.ts';
import type { LocalBot } from '../../terminal/bots.ts';
import type { Page } from '../page.ts';
import { type ActionHandler, type ActionHandlers, DONE, integerField } from './action.ts';

/** How far ahead of the clock the watch is run: soon after a deploy, it would leave everything to that. */
const LATER_MS = 20 * 60_000;

/** The actions that break a bot in ways that its watch finds, and those that fix it. */
export const breakActions: ActionHandlers<BreakName | 'run watch' | 'diagnose'> = {
  'delete webhook': breaking(({ bot }, { options }) => {
    options.sandbox.telegram.eraseWebhook(bot.id);
  }),
  'set foreign webhook': breaking(({ bot }, { foreignWebhooks }) => foreignWebhooks.set(bot)),
  'revoke token': breaking(({ bot }, { options }) => {
    // Unpredictable, because other users of this machine can reach the local Bot API too.
    options.sandbox.telegram.rotateToken(bot.id, fakeToken(bot.id, randomId(24)));
  }),
  'store new token': breaking(({ bot }, { options }) => {
    options.sandbox.storeTokenOf(bot);
  }),
  'run watch': {
    fields: { botId: integerField },
    async perform({ botId }, page) {
      const { runWatch } = page.local(botId);
      await runWatch?.(page.options.sandbox.clock.now() + LATER_MS);
      await page.diagnose(botId);
      return DONE;
    },
  },
  diagnose: {
    fields: { botId: integerField },
    async perform({ botId }, page) {
      await page.diagnose(botId);
      return DONE;
    },
  },
};

type BreakName = 'delete webhook' | 'set foreign webhook' | 'revoke token' | 'store new token';

/** Shows what the watch makes of it, as soon as the watch has answered. */
function breaking(act: (local: LocalBot, page: Page) => unknown): ActionHandler<BreakName> {
  return {
    fields: { botId: integerField },
    async perform({ botId }, page) {
      await act(page.local(botId), page);
      page.diagnoseSoon(botId);
      return DONE;
    },
  };
}
