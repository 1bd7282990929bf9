import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { OtherTelegram } from '../sandbox/index.ts';
import { LIVE_TOKEN } from './live-run.ts';
import { CTRL_C, CTRL_D, hasTerminal, openTerminal, type PseudoTerminal } from './terminal-run.ts';

const PROMPT = 'Token of a development bot (it is not shown): ';

describe.skipIf(!hasTerminal)('npm start -- --live in a terminal', () => {
  let real: OtherTelegram;
  let terminal: PseudoTerminal;

  beforeEach(async () => {
    real = await OtherTelegram.open({ token: LIVE_TOKEN, username: 'dev_bot', firstName: 'Dev' });
    onTestFinished(() => real.close());
  });

  const start = async (...args: string[]) => {
    terminal = openTerminal('--live', '--telegram-api-root', real.root, ...args);
    await terminal.shows(PROMPT);
  };

  it('shows nothing of the token that is typed, and ends at Ctrl-C', async () => {
    await start();
    terminal.type(`${LIVE_TOKEN}\r`);
    await terminal.shows('@dev_bot runs here now: write to it in Telegram.');
    await terminal.shows('See your bot: ');
    const chat = real.telegram.chat(real.bot.id, { id: 42, firstName: 'Ada' });
    chat.send('/start');
    await terminal.shows('→ Ada: “/start”');
    expect((await chat.nextMessage()).text).toBe('Hello, Ada!');
    terminal.type(CTRL_C);
    await terminal.shows('Interrupted: cleaning up.');
    await terminal.shows('Nothing is left here.');
    expect(await terminal.ended()).toEqual({ exitCode: 0, left: [] });
    expect(terminal.shown()).not.toContain('FAKE-TOKEN');
  });

  it('stops asking when the app has no bot that it can run', async () => {
    await start('-c', 'second=true');
    await terminal.shows('choose it with --bot PATH.');
    expect(await terminal.ended()).toEqual({ exitCode: 1, left: [] });
    expect(real.methods()).toEqual([]);
  });

  it.each([
    ['Ctrl-C', CTRL_C, 130, 'Interrupted: cleaning up.'],
    ['Ctrl-D', CTRL_D, 1, 'What was given is not a bot token'],
    ['a wrong token', '\r', 1, 'What was given is not a bot token'],
  ])('gives up after %s, without what was typed before', async (_, keys, exitCode, says) => {
    await start();
    terminal.type(`FAKE-TOKEN${keys}`);
    expect(await terminal.ended()).toEqual({ exitCode, left: [] });
    expect(terminal.shown()).toContain(says);
    expect(terminal.shown()).not.toContain('FAKE-TOKEN');
    expect(real.methods()).toEqual([]);
  });
});
