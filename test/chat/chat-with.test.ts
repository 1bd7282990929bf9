import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BotChat, type ChatOptions, chatWith } from './chat-with.ts';
import { DeployedApp } from './deployed-app.ts';

describe.each(['direct', 'queued'] as const)('a chat with a bot, with %s delivery', (delivery) => {
  let chat: BotChat;
  beforeAll(async () => {
    chat = await chatWith(() => import('../bots/echo.ts'), { delivery });
  });
  afterAll(() => chat.close());

  it('returns what the bot says', async () => {
    expect(await chat.say('hello')).toMatchObject([{ text: 'hello' }]);
    expect(await chat.say('again')).toMatchObject([{ text: 'again' }]);
  });

  it('presses a button, and returns the toast', async () => {
    await chat.say('/start');
    expect(await chat.press('Press me')).toEqual({
      answer: { kind: 'callback', text: 'Pressed', showAlert: false },
      messages: [],
    });
  });

  it('shows what the bot called', async () => {
    await chat.say('hello');
    const via = delivery === 'direct' ? 'webhook reply' : 'http';
    expect(chat.calls()).toMatchObject([{ method: 'sendMessage', via, answer: { ok: true } }]);
  });
});

describe.each(['direct', 'queued'] as const)('a person, with %s delivery', (delivery) => {
  const open = (options: ChatOptions = {}) =>
    chatWith(() => import('../bots/plays-along.ts'), { delivery, ...options });

  it('edits the latest message', async () => {
    const chat = await open();
    await chat.say('one');
    expect(await chat.edit('two')).toMatchObject([{ text: 'Now it is two' }]);
    expect(chat.person.messages[0]).toMatchObject({ text: 'two' });
    chat.close();
  });

  it('has no message to edit before the first one', async () => {
    const chat = await open();
    await expect(chat.edit('two')).rejects.toThrow('Ada has sent no message to edit');
    chat.close();
  });

  it('pays, and gets all answers', async () => {
    const chat = await open();
    await chat.say('/buy 5');
    const { answer, messages } = await chat.press('Pay ⭐️5');
    expect(answer).toMatchObject({ text: 'The payment was successful' });
    expect(messages).toMatchObject([{ text: 'Thank you' }]);
    chat.close();
  });

  it('chats in a group, which has told the bot that it was added', async () => {
    const chat = await open({ group: { title: 'Team' } });
    expect(chat.person.chat).toMatchObject({ type: 'supergroup', title: 'Team' });
    expect(chat.person.messages).toMatchObject([{}, { text: 'Hello, all' }]);
    expect(await chat.say('private words')).toEqual([]);
    expect(await chat.say('/start')).toMatchObject([{ text: 'Hello' }]);
    expect(await chat.press('Press me')).toMatchObject({ answer: { text: 'Ow' } });
    chat.close();
  });
});

it('restores the environment when a bot cannot be loaded', async () => {
  const load = () => Promise.reject(new Error('Cannot find the bot'));
  await expect(chatWith(load)).rejects.toThrow('Cannot find the bot');
  expect(process.env.BOT_TOKEN_SECRET).toBeUndefined();
});

it('lets a bot read its token and call the Bot API', async () => {
  const chat = await chatWith(() => import('../bots/calls-the-api.ts'));
  await chat.say('hello');
  expect(chat.calls().map(({ method, via }) => [method, via])).toContainEqual([
    'sendMessage',
    'http',
  ]);
  chat.close();
});

it('fails when the bot throws, and goes on with the next message', async () => {
  const chat = await chatWith(() => import('../bots/throws.ts'));
  await expect(chat.say('hello')).rejects.toThrow('The bot failed');
  await expect(chat.say('again')).rejects.toThrow('The bot failed');
  const two = chat.does((person) => ['one', 'two'].map((text) => person.send(text)));
  await expect(two).rejects.toThrow('The bot failed');
  await expect(chat.say('more')).rejects.toThrow('The bot failed');
  chat.close();
});

it('gives each chat a person of its own', async () => {
  const [first, second] = [
    await chatWith(() => import('../bots/echo.ts')),
    await chatWith(() => import('../bots/echo.ts'), { person: { firstName: 'Grace' } }),
  ];
  await first.say('mine');
  expect(await second.say('/start')).toMatchObject([{ text: 'Hello, Grace!' }]);
  expect(first.person.messages.map(({ text }) => text)).toEqual(['mine', 'mine']);
  first.close();
  expect(process.env.BOT_TOKEN_SECRET).toBeDefined();
  second.close();
  expect(process.env.BOT_TOKEN_SECRET).toBeUndefined();
});

describe.each(['direct', 'queued'])(
  'a chat with an app that is deployed, with %s delivery',
  (delivery) => {
    const app = 'node --import tsx test/end-to-end/start-app.ts';

    it('goes through the whole stack', async () => {
      const deployed = await DeployedApp.deploy({ app, context: { delivery } });
      try {
        const chat = await chatWith(deployed);
        expect(await chat.say('hello')).toMatchObject([{ text: 'hello' }]);
        await chat.say('/start');
        expect(await chat.press('Press me')).toMatchObject({ answer: { text: 'Pressed' } });
      } finally {
        await deployed.close();
      }
    });

    it('shows the error of a bot that fails, with its line', async () => {
      const context = { delivery, entry: 'test/bots/throws.ts' };
      const deployed = await DeployedApp.deploy({ app, context });
      try {
        const chat = await chatWith(deployed);
        await expect(chat.say('hello')).rejects.toThrow(
          /The bot failed:\nError: This bot finds nothing\n +at find \(test\/bots\/throws\.ts:4:9\)/,
        );
      } finally {
        await deployed.close();
      }
    });
  },
);
