import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TelegramFixture } from './fixtures.ts';

let stage: TelegramFixture;
beforeEach(async () => {
  stage = await TelegramFixture.open();
  stage.telegram.chat(stage.bot.id, { id: 42, firstName: 'Ada' }).send('hello');
});
afterEach(() => stage.close());

async function result(method: string, parameters: object = {}): Promise<unknown> {
  const { answer } = await stage.call(method, parameters);
  return answer.ok ? answer.result : answer.description;
}

const command = (name: string) => ({ command: name, description: `about ${name}` });

describe('commands', () => {
  it('are kept by scope and language', async () => {
    const scopes = [
      {},
      { language_code: 'de' },
      { scope: { type: 'all_group_chats' } },
      { scope: { type: 'chat', chat_id: 42 } },
      { scope: { type: 'chat_member', chat_id: 42, user_id: 42 } },
    ];
    for (const [index, scope] of scopes.entries()) {
      await result('setMyCommands', { ...scope, commands: [command(`c${index}`)] });
    }
    for (const [index, scope] of scopes.entries()) {
      expect(await result('getMyCommands', scope)).toEqual([command(`c${index}`)]);
    }
    expect(await result('deleteMyCommands')).toBe(true);
    expect(await result('getMyCommands')).toEqual([]);
    expect(await result('getMyCommands', { language_code: 'de' })).toEqual([command('c1')]);
  });

  it('lose their slash', async () => {
    await result('setMyCommands', { commands: [command('/help')] });
    expect(await result('getMyCommands')).toMatchObject([{ command: 'help' }]);
  });
});

describe('texts', () => {
  it.each([
    ['Name', 'name', 'Kit'],
    ['Description', 'description', ''],
    ['ShortDescription', 'short_description', ''],
  ])('%s falls back to the one for all languages', async (method, field, initial) => {
    expect(await result(`getMy${method}`)).toEqual({ [field]: initial });
    await result(`setMy${method}`, { [field]: 'all' });
    await result(`setMy${method}`, { [field]: 'alle', language_code: 'de' });
    expect(await result(`getMy${method}`, { language_code: 'de' })).toEqual({ [field]: 'alle' });
    await result(`setMy${method}`, { [field]: '', language_code: 'de' });
    expect(await result(`getMy${method}`, { language_code: 'de' })).toEqual({ [field]: 'all' });
  });
});

describe('the menu button', () => {
  it('is set for all people or for one', async () => {
    const button = { type: 'web_app', text: 'Shop', web_app: { url: 'https://shop.example.com/' } };
    expect(await result('getChatMenuButton')).toEqual({ type: 'commands' });
    await result('setChatMenuButton', { chat_id: 42, menu_button: button });
    expect(await result('getChatMenuButton', { chat_id: 42 })).toEqual(button);
    expect(await result('getChatMenuButton')).toEqual({ type: 'commands' });
    expect(await result('setChatMenuButton', { chat_id: 43 })).toBe('Bad Request: user not found');
  });
});

describe('default rights of an administrator', () => {
  it('differ between groups and channels', async () => {
    await result('setMyDefaultAdministratorRights', {
      rights: { can_post_messages: true },
      for_channels: true,
    });
    expect(await result('getMyDefaultAdministratorRights')).not.toMatchObject({
      can_post_messages: true,
    });
    expect(await result('getMyDefaultAdministratorRights', { for_channels: true })).toMatchObject({
      can_post_messages: true,
      can_delete_messages: false,
    });
  });
});
