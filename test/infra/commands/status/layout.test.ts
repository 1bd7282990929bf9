import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { ProfileReport } from '../../../../functions/contract.ts';
import { type LayoutOptions, layOut } from '../../../../infra/commands/status/layout.ts';
import { denied, healthy, notDeployed, now, unhealthy } from './statuses.ts';

const options: LayoutOptions = {
  columns: 80,
  isColoured: false,
  now,
  options: { context: ['stage=prod'] },
};

describe('the screen of npm run status', () => {
  it('shows a healthy bot', () => {
    expect(layOut([healthy], options)).toBe(`TelegramBot-prod/Bot  healthy
  Bot          Kit (@kit_bot), id 123456
               https://t.me/kit_bot
  Webhook      a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com
               settings as declared
  At Telegram  0 updates pending
               no error reported
  Stack        TelegramBot-prod in eu-west-1
               UPDATE_COMPLETE, last deploy 3 hours ago
  Queue        0 waiting, 0 in flight
  Dead letters none
  Alarms       none of 5
  Last errors  none in a week`);
  });

  it('begins with the diagnosis, and shows everything that is wrong', () => {
    expect(layOut([unhealthy], options)).toBe(`TelegramBot-prod/Bot  unhealthy
  Diagnosis    endpoint-failing
               The endpoint answers Telegram with 500, because the bot throws on
               every update.
  Fix          Read the errors below, correct the bot and run npm run deploy.
  Bot          Kit ]0;title (@kit_bot), id 123456
               https://t.me/kit_bot
  Webhook      a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com
               maxConnections is 10, declared 40
  At Telegram  12 updates pending
               last error 1 minute ago: Wrong response from the webhook: 500
               Internal Server Error
  Stack        TelegramBot-prod in eu-west-1
               UPDATE_ROLLBACK_COMPLETE, last deploy 3 hours ago: that deploy
               failed
               A reason
  Queue        3 waiting, 1 in flight, the oldest for 1 hour
  Dead letters 2: npm run dead-letters -- -c stage=prod
  Alarms       TelegramBot-prod-DeadLetters 2 days ago: Threshold Crossed: 1
               datapoint [2.0] was greater than the threshold (0.0).
  Last errors  just now: TypeError: x is not a function (at
               functions/bot.ts:12:5)`);
  });

  it('says why a part, or a whole stack, cannot be read, and shows the rest', () => {
    const screen = layOut([denied, notDeployed], options);
    expect(screen).toContain(`  Webhook      Not authorized
               Run the command with --help to see the permissions that it needs.
  Stack        TelegramBot-prod in eu-west-1`);
    expect(screen).toContain('  Last errors  Not authorized\n\nTelegramBot-test/Bot  unknown\n');
    expect(screen).toContain('  Reason       Stack TelegramBot-test is not deployed in eu-west-1.');
  });

  it("shows which of @BotFather's switches are on, if the registrar says so", () => {
    const showing = (switches?: Record<string, boolean>) => {
      const report = { ...healthy.report, bot: { id: 1, username: 'u', name: 'n', switches } };
      return layOut([{ ...healthy, report } as never], options);
    };
    expect(showing({ inlineMode: false, privacyMode: true, joinGroups: true })).toContain(
      '  Switches     on: privacyMode, joinGroups\n  Webhook ',
    );
    expect(showing({ inlineMode: false })).toContain('  Switches     all off\n');
    expect(showing()).not.toContain('Switches');
  });

  it('shows a foreign webhook, and that there is none', () => {
    const hook = { host: 'elsewhere.example', isOurs: false, pendingUpdates: 0, differences: [] };
    const showing = (webhook: typeof hook) =>
      layOut([{ ...healthy, report: { ...healthy.report, webhook } as never }], options);
    expect(showing(hook)).toContain("elsewhere.example\n               not this stack's\n");
    expect(showing({ ...hook, host: '' })).toContain('  Webhook      none\n');
  });

  it('shows a profile that is as declared, and how one differs', () => {
    const showing = (profile: ProfileReport) =>
      layOut([{ ...healthy, report: { ...healthy.report, profile } as never }], options);
    expect(showing({ differences: [] })).toContain('  Profile      as declared\n');
    const difference = { setting: 'profile.name', declared: '"Shop"', actual: '"Store"' };
    expect(
      showing({ differences: [difference], because: 'Telegram rations it.' }),
    ).toContain(`  Profile      profile.name is "Store", declared "Shop"
               Telegram rations it.
`);
  });

  it.each([80, 50])('fits %i columns, coloured or not', (columns) => {
    const statuses = [healthy, unhealthy, denied, notDeployed];
    const plain = layOut(statuses, { ...options, columns });
    const widths = plain.split('\n').map((line) => line.length);
    expect(Math.max(...widths)).toBeLessThanOrEqual(columns);
    const coloured = layOut(statuses, { ...options, columns, isColoured: true });
    expect(coloured).toContain('\u001b[31munhealthy\u001b[39m');
    expect(stripVTControlCharacters(coloured)).toBe(plain);
  });
});
