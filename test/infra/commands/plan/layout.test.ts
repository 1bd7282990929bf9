import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { layOutPlans } from '../../../../infra/commands/plan/layout.ts';
import type { BotPlan } from '../../../../infra/commands/plan/plan-bot.ts';

const plans: BotPlan[] = [
  {
    bot: 'TelegramBot-prod/Bot',
    kind: 'changed',
    changes: [
      {
        setting: 'allowedUpdates',
        before: "Telegram's default set",
        after: 'message, callback_query',
      },
      { setting: 'maxConnections', before: '40', after: '10' },
      {
        setting: 'profile.commands (scope chat 42, language de)',
        before: '/a Old',
        after: 'cleared',
      },
    ],
    notes: [
      'A note that is so long that it takes more than a single line on a terminal of eighty columns.',
    ],
  },
  { bot: 'TelegramBot-prod/Old', kind: 'removed', changes: [], notes: ['Its webhook is removed.'] },
];

describe('the screen of npm run plan', () => {
  it('shows the settings and the notes of each bot', () => {
    expect(
      layOutPlans(plans, { columns: 80, isColoured: false }),
    ).toBe(`TelegramBot-prod/Bot  changes
  ~ allowedUpdates      Telegram's default set → message, callback_query
  ~ maxConnections      40 → 10
  ~ profile.commands (scope chat 42, language de)
                        /a Old → cleared
  A note that is so long that it takes more than a single line on a terminal
    of eighty columns.

TelegramBot-prod/Old  removed
  Its webhook is removed.`);
  });

  it.each([80, 50])('fits %i columns, coloured or not', (columns) => {
    const plain = layOutPlans(plans, { columns, isColoured: false });
    expect(Math.max(...plain.split('\n').map((line) => line.length))).toBeLessThanOrEqual(columns);
    const coloured = layOutPlans(plans, { columns, isColoured: true });
    expect(coloured).toContain('\u001b[33m');
    expect(stripVTControlCharacters(coloured)).toBe(plain);
  });
});
