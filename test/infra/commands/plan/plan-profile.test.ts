import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Aws } from 'aws-cdk-lib';
import { afterAll, describe, expect, it } from 'vitest';
import type { ProfileReport, WatchReport } from '../../../../functions/contract.ts';
import { declaredBots } from '../../../../infra/commands/deployed-bots/template.ts';
import { planNew, planRemoved, planUpdate } from '../../../../infra/commands/plan/plan-bot.ts';
import type { ProfileSettings } from '../../../../infra/settings/profile.ts';
import { botTemplate } from '../../synth.ts';

const folder = mkdtempSync(join(tmpdir(), 'plan-'));
afterAll(() => rmSync(folder, { recursive: true }));

function jpeg(content: string): string {
  const path = join(folder, `${content}.jpg`);
  writeFileSync(path, Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.from(content)]));
  return path;
}

/** The bot as `cdk synth` declares it. */
function declared(
  profile?: ProfileSettings,
  reregister: 'on-change' | 'every-deploy' = 'on-change',
) {
  const [bot] = declaredBots(botTemplate({ reregister, profile }).toJSON());
  if (!bot) throw new Error('The template has no bot');
  return bot;
}

const report = (profile: ProfileReport = { differences: [] }): WatchReport => ({
  condition: 'healthy',
  severity: 'ok',
  cause: '',
  fix: '',
  webhook: { host: 'a.example', isOurs: true, pendingUpdates: 0, differences: [] },
  profile,
});

const commands = [{ command: 'start', description: 'Begin' }];
const inChat = { scope: { type: 'chat', chat_id: 42 } } as const;

describe('the plan for a profile', () => {
  it('shows what the deploy sets, changes and clears', () => {
    const before = declared({ name: 'Shop', commands: [{ commands, ...inChat, language: 'de' }] });
    const after = declared({
      name: 'Store',
      menuButton: { type: 'web_app', text: 'Shop', web_app: { url: 'https://shop.example' } },
      administratorRights: { channels: { can_post_messages: true, can_edit_messages: false } },
    });
    expect(planUpdate(after, before, report())).toMatchObject({
      kind: 'changed',
      changes: [
        { setting: 'profile.name', before: '"Shop"', after: '"Store"' },
        { setting: 'profile.menuButton', after: 'Shop (https://shop.example)' },
        {
          setting: 'profile.administratorRights.channels',
          after: 'can_post_messages, not can_edit_messages',
        },
        {
          setting: 'profile.commands (scope chat 42, language de)',
          before: '/start Begin',
          after: 'cleared',
        },
      ],
    });
  });

  it('has no change for a profile that is declared as it is deployed', () => {
    const bot = declared({ name: 'Shop', photo: jpeg('one') });
    expect(planUpdate(bot, bot, report()).changes).toEqual([]);
  });

  it('names a photo by the hash of its file', () => {
    const [change] = planUpdate(
      declared({ photo: jpeg('two') }),
      declared({ photo: jpeg('one') }),
      report(),
    ).changes;
    expect(change).toMatchObject({
      setting: 'profile.photo',
      before: expect.stringMatching(/^file [0-9a-f]{8}…$/),
    });
    expect(change?.after).not.toBe(change?.before);
  });

  it('says that a text is known only during the deploy', () => {
    const { changes } = planUpdate(declared({ name: Aws.REGION }), declared(), report());
    expect(changes).toEqual([{ setting: 'profile', after: 'known during the deploy' }]);
  });

  const drift = { setting: 'profile.name', declared: '"Shop"', actual: '"Store"' };

  it('says how Telegram differs, and whether the deploy corrects it', () => {
    const differs = 'At Telegram, profile.name is "Store" now, although "Shop" is deployed: ';
    const bot = declared({ name: 'Shop' });
    const state = report({ differences: [drift] });
    expect(planUpdate(bot, bot, state).notes).toContain(
      `${differs}the deploy does not set it; the watch may.`,
    );
    const stamped = declared({ name: 'Shop' }, 'every-deploy');
    expect(planUpdate(stamped, bot, state).notes).toContain(
      `${differs}the deploy sets what it declares.`,
    );
    const unknown = report({ differences: [], because: 'Telegram was not reached.' });
    expect(planUpdate(bot, bot, unknown).notes).toContain(
      'The profile could not be compared: Telegram was not reached.',
    );
  });

  it('is part of the plans for new and removed bots', () => {
    const bot = declared({ description: 'Sells' });
    expect(planNew(bot).changes).toContainEqual({
      setting: 'profile.description',
      after: '"Sells"',
    });
    expect(planRemoved(bot, report()).notes).toContain(
      'Its profile is cleared where it is as this stack has set it.',
    );
    expect(planRemoved(declared(), report()).notes).toHaveLength(1);
  });
});
