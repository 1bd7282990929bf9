import { afterEach, beforeEach, expect, it } from 'vitest';
import { message, SessionStage } from './fixtures.ts';

let stage: SessionStage;
beforeEach(async () => {
  stage = await SessionStage.open();
});
afterEach(() => stage.close());

/** Lets the bot answer everything with a message that has these buttons, or this keyboard. */
async function show(markup: object): Promise<string[]> {
  stage.reply(() => message('choose', markup));
  await stage.type('hello');
  return stage.news().slice(1);
}

it('says what Telegram does with a button that does not ask the bot, and goes on', async () => {
  const buttons = [
    { text: 'Ask', callback_data: 'ask' },
    { text: 'Site', url: 'https://example.com' },
    { text: 'App', web_app: { url: 'https://app.example.com' } },
    { text: 'Copy', copy_text: { text: 'abc' } },
    { text: 'Share', switch_inline_query: 'cats' },
  ];
  expect(await show({ inline_keyboard: [buttons] })).toEqual([
    '  :1 [ Ask ]',
    '  :2 [ Site ] opens https://example.com/',
    '  :3 [ App ] opens the Mini App https://app.example.com/',
    '  :4 [ Copy ] copies “abc”',
    '  :5 [ Share ] lets choose a chat and starts the inline query “cats”',
  ]);
  await stage.type(':2');
  await stage.type(':6');
  expect(stage.news()).toEqual([
    '“Site” does not ask the bot: Telegram opens https://example.com/.',
    'There is no button 6.',
  ]);
  expect(stage.session.problems).toBe(0);
});

it('presses the buttons of a reply keyboard, which send their text, a contact or a location', async () => {
  const keyboard = [
    ['Tea', { text: 'Coffee' }],
    [
      { text: 'My number', request_contact: true },
      { text: 'My place', request_location: true },
      { text: 'A poll', request_poll: {} },
    ],
  ];
  expect(await show({ keyboard })).toEqual([
    '  keyboard:',
    '  :1 [ Tea ]',
    '  :2 [ Coffee ]',
    '  :3 [ My number ]',
    '  :4 [ My place ]',
    '  :5 [ A poll ] lets create a poll',
  ]);
  const sent: object[] = [];
  stage.reply((_, { update }) => {
    sent.push(update.message ?? {});
    return { method: 'none' };
  });
  for (const typed of [':2', ':3', ':4', ':5']) await stage.type(typed);
  expect(sent).toMatchObject([
    { text: 'Coffee' },
    { contact: { first_name: 'You' } },
    { location: { latitude: 51.5 } },
  ]);
});

it('hides a one-time keyboard after its use, and a removed one', async () => {
  await show({ keyboard: [['Tea']], one_time_keyboard: true });
  stage.reply(() => message('thanks'));
  await stage.type(':1');
  await stage.type(':buttons');
  expect(stage.news()).toEqual(['@kit_bot: thanks', 'There are no buttons.']);
  await show({ keyboard: [['Tea']] });
  await show({ remove_keyboard: true });
  await stage.type(':1');
  expect(stage.news()).toEqual(['There is no button 1.']);
});
