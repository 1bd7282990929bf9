import { expect, it } from 'vitest';
import type { BotSwitch, WatchReport } from '../../../../functions/contract.ts';
import { switchesOf } from '../../../../functions/registrar/bot/expectations.ts';
import { declaredBots } from '../../../../infra/commands/deployed-bots/template.ts';
import { planUpdate } from '../../../../infra/commands/plan/plan-bot.ts';
import { fakeToken } from '../../../sandbox/index.ts';
import { botTemplate, type TestBotProps } from '../../synth.ts';

function declared(settings: TestBotProps = {}) {
  const [bot] = declaredBots(botTemplate({ reregister: 'on-change', ...settings }).toJSON());
  if (!bot) throw new Error('The template has no bot');
  return bot;
}

const id = Number(fakeToken().split(':')[0]);
const off = switchesOf({ id, is_bot: true, first_name: 'Kit', username: 'kit_bot' } as never);

function report(switches?: Partial<Record<BotSwitch, boolean>>): WatchReport {
  return {
    condition: 'healthy',
    severity: 'ok',
    cause: '',
    fix: '',
    bot: {
      id,
      username: 'kit_bot',
      name: 'Kit',
      ...(switches && { switches: { ...off, ...switches } }),
    },
    webhook: { host: 'a.example', isOurs: true, pendingUpdates: 0, differences: [] },
  };
}

const notesOf = (settings: TestBotProps, switches?: Partial<Record<BotSwitch, boolean>>) =>
  planUpdate(declared(settings), declared(), report(switches)).notes.slice(1);

it('says which switches will fail the deploy', () => {
  const settings = { expects: { inlineMode: true, privacyMode: false, joinGroups: false } };
  expect(notesOf(settings, {})).toEqual([
    'expects.inlineMode is true, but it is off at Telegram: the deploy fails until @BotFather switches it.',
    'expects.privacyMode is false, but it is on at Telegram: the deploy fails until @BotFather switches it.',
  ]);
  expect(notesOf(settings, { inlineMode: true, privacyMode: false })).toEqual([]);
});

it('says which update types cannot arrive', () => {
  const settings: TestBotProps = { allowedUpdates: ['message', 'inline_query', 'managed_bot'] };
  expect(notesOf(settings, { manageBots: true })).toEqual([
    'No inline_query will arrive while inlineMode is off at Telegram.',
  ]);
});

it('says nothing of a bot that the deploy does not identify, and of a registrar that does not know', () => {
  const settings: TestBotProps = { expects: { inlineMode: true } };
  const same = planUpdate(declared(settings), declared(settings), report({}));
  expect(same.notes).toHaveLength(1);
  expect(notesOf(settings)).toEqual([]);
});
