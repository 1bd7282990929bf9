import { describe, expect, it } from 'vitest';
import type { WatchReport } from '../../../../functions/contract.ts';
import {
  type DeclaredBot,
  declaredBots,
} from '../../../../infra/commands/deployed-bots/template.ts';
import { planNew, planRemoved, planUpdate } from '../../../../infra/commands/plan/plan-bot.ts';
import { botTemplate, type TestBotProps } from '../../synth.ts';

/** The bot as `cdk synth` declares it. Without stamps, two synths of the same settings are equal. */
function declared(settings: TestBotProps = {}) {
  const [bot] = declaredBots(botTemplate({ reregister: 'on-change', ...settings }).toJSON());
  if (!bot) throw new Error('The template has no bot');
  return bot;
}

function withProperties(bot: DeclaredBot, properties: object): DeclaredBot {
  return { ...bot, webhook: { ...bot.webhook, ...properties } };
}

const webhook = {
  host: 'a1b2.execute-api.eu-west-1.amazonaws.com',
  isOurs: true,
  pendingUpdates: 1,
  differences: [],
};
const report = (change: Partial<typeof webhook> | object = {}): WatchReport => ({
  condition: 'healthy',
  severity: 'ok',
  cause: '',
  fix: '',
  bot: { id: 123456, username: 'kit_bot', name: 'Kit' },
  webhook: { ...webhook, ...change },
});

const before = declared();
const everyDeploy = declared({ reregister: 'every-deploy' });

describe('the plan for a deployed bot', () => {
  it('has no change when nothing is declared differently', () => {
    expect(planUpdate(declared(), before, report())).toEqual({
      bot: 'Kit/Bot',
      kind: 'unchanged',
      changes: [],
      notes: [`Telegram delivers to ${webhook.host}, with the deployed settings.`],
    });
    expect(planUpdate(everyDeploy, before, report()).notes).toEqual([
      `Telegram delivers to ${webhook.host}, with the deployed settings; the deploy verifies and renews that.`,
    ]);
  });

  it('shows every setting of the webhook that changes', () => {
    const after = declared({
      allowedUpdates: ['message', 'callback_query'],
      maxConnections: 10,
      apiRoot: 'https://bots.example',
      telegramEnvironment: 'test',
    });
    const certified = withProperties(after, { Certificate: 'cGVt', IpAddress: '8.8.8.8' });
    expect(planUpdate(certified, before, report())).toMatchObject({
      kind: 'changed',
      changes: [
        {
          setting: 'allowedUpdates',
          before: "Telegram's default set",
          after: 'message, callback_query',
        },
        { setting: 'maxConnections', before: '40', after: '10' },
        { setting: 'ipAddress', before: 'by DNS', after: '8.8.8.8' },
        { setting: 'certificate', before: 'none', after: 'a PEM file' },
        { setting: 'apiRoot', before: 'https://api.telegram.org', after: 'https://bots.example' },
        { setting: 'telegramEnvironment', before: 'prod', after: 'test' },
      ],
    });
    const renewed = withProperties(certified, { Certificate: 'b3RoZXI=' });
    expect(planUpdate(renewed, certified, report()).changes).toEqual([
      { setting: 'certificate', before: 'a PEM file', after: 'another PEM file' },
    ]);
  });

  it('names the host that another endpoint replaces', () => {
    const moved = withProperties(before, { Endpoint: { Ref: 'Other' } });
    const change = { setting: 'endpoint', before: webhook.host, after: 'a new endpoint' };
    expect(planUpdate(moved, before, report()).changes).toEqual([change]);
    expect(planUpdate(moved, before, new Error('denied')).changes).toEqual([
      { ...change, before: 'the present endpoint' },
    ]);
  });

  it('says what another token secret means', () => {
    const secret = withProperties(before, { TokenSecret: 'telegram/new' });
    const { changes, notes } = planUpdate(secret, before, report());
    expect(changes).toEqual([
      { setting: 'token', before: 'telegram/test/bot-token', after: 'telegram/new' },
    ]);
    expect(notes[0]).toContain('a webhook that it has elsewhere is replaced');
    expect(notes[0]).toContain('the webhook of @kit_bot is removed');
    const strict = withProperties(secret, { ExistingWebhook: 'fail' });
    expect(planUpdate(strict, before, report()).notes[0]).toContain(
      'the deploy fails if that bot delivers elsewhere',
    );
  });

  it.each([
    [{ host: '' }, 'Telegram has no webhook now', 'the deploy sets it.', 'does not set it'],
    [
      { host: 'elsewhere.example', isOurs: false },
      "Telegram delivers to elsewhere.example now, which is not this stack's",
      'the deploy replaces that webhook',
      'the deploy does not change that',
    ],
    [
      { differences: [{ setting: 'maxConnections', declared: '40', actual: '7' }] },
      'At Telegram, maxConnections is 7 now, although 40 is deployed',
      'the deploy sets it.',
      'does not set it',
    ],
  ])('with %j at Telegram says whether the deploy corrects it', (state, what, yes, no) => {
    const [corrected] = planUpdate(everyDeploy, before, report(state)).notes;
    expect(corrected).toContain(what);
    expect(corrected).toContain(yes);
    const [kept] = planUpdate(declared(), before, report(state)).notes;
    expect(kept).toContain(what);
    expect(kept).toContain(no);
  });

  it('says why Telegram is unknown', () => {
    expect(planUpdate(before, before, new Error('No permission')).notes).toEqual([
      'Telegram could not be asked: No permission',
    ]);
    const revoked = {
      ...report(),
      condition: 'token-revoked',
      cause: 'The token was revoked.',
      fix: 'Store the new one.',
      webhook: undefined,
    } as WatchReport;
    expect(planUpdate(before, before, revoked).notes).toEqual([
      "Telegram's state is unknown (token-revoked): The token was revoked. Store the new one.",
    ]);
  });
});

describe('the plan for a new bot', () => {
  it('shows the settings, and what happens to an existing webhook and to pending updates', () => {
    const { changes, kind, notes } = planNew(withProperties(before, { IpAddress: '8.8.8.8' }));
    expect(kind).toBe('new');
    expect(changes).toEqual([
      { setting: 'endpoint', after: 'a new endpoint' },
      { setting: 'allowedUpdates', after: "Telegram's default set" },
      { setting: 'maxConnections', after: '40' },
      { setting: 'ipAddress', after: '8.8.8.8' },
      { setting: 'token', after: 'telegram/test/bot-token' },
      { setting: 'apiRoot', after: 'https://api.telegram.org' },
    ]);
    expect(notes[0]).toContain('is replaced');
    expect(notes[1]).toContain('are kept');
    expect(notes[2]).toContain('Telegram cannot be asked');
    const strict = planNew(declared({ existingWebhook: 'fail', dropPendingUpdates: true }));
    expect(strict.notes[0]).toContain('The deploy fails');
    expect(strict.notes[1]).toContain('are dropped');
  });
});

describe('the plan for a removed bot', () => {
  it.each([
    [report(), `Its webhook at ${webhook.host} is removed. Telegram keeps 1 pending update for`],
    [report({ host: '' }), 'It has no webhook'],
    [report({ host: 'else.example', isOurs: false }), 'Its webhook at else.example stays'],
    [
      new Error('No permission'),
      "if it is still this stack's. Telegram could not be asked: No permission",
    ],
  ])('says what becomes of its webhook', (state, note) => {
    const plan = planRemoved(before, state);
    expect(plan.kind).toBe('removed');
    expect(plan.notes[0]).toContain(note);
  });
});
