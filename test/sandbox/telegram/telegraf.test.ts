import { Input, Markup, Scenes, session, Telegraf } from 'telegraf';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Chat } from './chat.ts';
import { TelegramFixture } from './fixtures.ts';
import { PLACEHOLDER_PNG } from './state/image.ts';

let stage: TelegramFixture;
let bot: Telegraf<Scenes.WizardContext>;
let chat: Chat;
beforeEach(async () => {
  stage = await TelegramFixture.open();
  bot = new Telegraf<Scenes.WizardContext>(stage.token, {
    telegram: { apiRoot: stage.serveLocally(), webhookReply: false },
  });
  bot.botInfo = stage.bot.user;
  chat = stage.telegram.chat(stage.bot.id, { id: 42, firstName: 'Ada' });
});
afterEach(() => stage.close());

async function start(): Promise<void> {
  await stage.connect(bot.webhookCallback('/hook?a=1'));
}

const failures = () => stage.telegram.calls.filter(({ answer }) => answer?.ok === false);

describe('a Telegraf bot', () => {
  it('shows an inline keyboard and answers its buttons', async () => {
    bot.start((ctx) =>
      ctx.reply('Well?', Markup.inlineKeyboard([Markup.button.callback('Yes', 'y')])),
    );
    bot.action('y', async (ctx) => {
      await ctx.answerCbQuery('Fine', { show_alert: true });
      await ctx.editMessageReplyMarkup(undefined);
    });
    await start();
    chat.send('/start');
    const message = await chat.nextMessage();
    const edited = new Promise((resolve) => chat.onEdit(resolve));
    expect(await chat.press('Yes')).toMatchObject({ text: 'Fine', showAlert: true });
    expect(await edited).not.toHaveProperty('reply_markup');
    expect(chat.buttons(message)).toHaveLength(1);
    expect(chat.buttons()).toEqual([]);
    expect(failures()).toEqual([]);
  });

  it('sends photos from memory, and albums', async () => {
    bot.command('photo', async (ctx) => {
      await ctx.sendChatAction('upload_photo');
      await ctx.replyWithPhoto(Input.fromBuffer(PLACEHOLDER_PNG, 'dot.png'), { caption: 'dot' });
      await ctx.replyWithMediaGroup([
        { type: 'photo', media: Input.fromBuffer(PLACEHOLDER_PNG) },
        { type: 'photo', media: { source: PLACEHOLDER_PNG }, caption: 'second' },
      ]);
    });
    await start();
    const actions: string[] = [];
    chat.onChatAction((action) => actions.push(action));
    chat.send('/photo');
    expect(await chat.nextMessage()).toMatchObject({ caption: 'dot', photo: [{ width: 1 }] });
    const [first, second] = [await chat.nextMessage(), await chat.nextMessage()];
    expect(second).toMatchObject({ caption: 'second', media_group_id: first.media_group_id });
    expect(actions).toEqual(['upload_photo']);
    expect(failures()).toEqual([]);
  });

  it('leads through a wizard with a reply keyboard', async () => {
    const wizard = new Scenes.WizardScene<Scenes.WizardContext>(
      'order',
      async (ctx) => {
        await ctx.reply('Size?', Markup.keyboard(['Small', 'Large']).oneTime().resize());
        return ctx.wizard.next();
      },
      async (ctx) => {
        await ctx.reply(`${ctx.text} it is`, Markup.removeKeyboard());
        return ctx.scene.leave();
      },
    );
    bot.use(session(), new Scenes.Stage([wizard]).middleware());
    bot.command('order', (ctx) => ctx.scene.enter('order'));
    await start();
    chat.send('/order');
    await chat.nextMessage();
    await chat.press('Large');
    expect((await chat.nextMessage()).text).toBe('Large it is');
    expect(chat.keyboard).toBeUndefined();
  });

  it('hears of votes in its polls', async () => {
    const heard: number[][] = [];
    bot.command('poll', (ctx) => ctx.replyWithPoll('Tea?', ['Yes', 'No'], { is_anonymous: false }));
    bot.on('poll_answer', (ctx) => {
      heard.push(ctx.pollAnswer.option_ids);
    });
    await start();
    chat.send('/poll');
    const message = await chat.nextMessage();
    chat.vote(message, 'No');
    await expect.poll(() => heard, { timeout: 60_000 }).toEqual([[1]]);
    const poll = await bot.telegram.stopPoll(42, message.message_id);
    expect(poll).toMatchObject({
      is_closed: true,
      total_voter_count: 1,
      options: [{ voter_count: 0 }, { voter_count: 1 }],
    });
    expect(() => chat.vote(message, 'Yes')).toThrow('no open poll');
  });

  it('moves a live location, and stops it', async () => {
    chat.send('hello');
    const sent = await bot.telegram.sendLocation(42, 1, 2, { live_period: 60 });
    const moved = await bot.telegram.editMessageLiveLocation(42, sent.message_id, undefined, 3, 4);
    expect(moved).toMatchObject({ location: { latitude: 3, longitude: 4 } });
    const stopped = await bot.telegram.stopMessageLiveLocation(42, sent.message_id, undefined);
    expect(stopped).toMatchObject({ location: { latitude: 3 } });
    expect(stopped).not.toHaveProperty('location.live_period');
  });

  it('opens a game, and keeps the score', async () => {
    bot.command('game', (ctx) => ctx.replyWithGame('chess'));
    bot.gameQuery((ctx) => ctx.answerGameQuery('https://chess.example.com'));
    await start();
    chat.send('/game');
    const { message_id } = await chat.nextMessage();
    expect(await chat.press('Play chess')).toMatchObject({
      kind: 'game',
      url: 'https://chess.example.com',
    });
    await bot.telegram.setGameScore(42, 7, undefined, 42, message_id);
    const scores = await bot.telegram.getGameHighScores(42, undefined, 42, message_id);
    expect(scores).toMatchObject([{ position: 1, score: 7, user: { id: 42 } }]);
  });

  it('sends the result of a Mini App', async () => {
    const open = Markup.inlineKeyboard([Markup.button.webApp('Open', 'https://app.example.com')]);
    bot.start((ctx) => ctx.reply('App', open));
    await start();
    chat.send('/start');
    await chat.nextMessage();
    const { webAppQueryId = '', url } = await chat.press('Open');
    expect(url).toBe('https://app.example.com/');
    await bot.telegram.answerWebAppQuery(webAppQueryId, {
      type: 'article',
      id: '1',
      title: 'Chosen',
      input_message_content: { message_text: 'I chose A' },
    });
    expect(chat.messages.at(-1)).toMatchObject({ text: 'I chose A', from: { id: 42 } });
  });

  it('delivers goods: shipping, checkout, payment', async () => {
    bot.on('shipping_query', (ctx) =>
      ctx.answerShippingQuery(
        true,
        [{ id: 'post', title: 'Post', prices: [{ label: 'Post', amount: 100 }] }],
        undefined,
      ),
    );
    bot.on('pre_checkout_query', (ctx) => ctx.answerPreCheckoutQuery(true));
    bot.on('successful_payment', (ctx) =>
      ctx.reply(String(ctx.message.successful_payment.total_amount)),
    );
    bot.command('buy', (ctx) =>
      ctx.replyWithInvoice({
        title: 'Tea',
        description: 'A box',
        payload: 'box',
        provider_token: 'any',
        currency: 'USD',
        prices: [{ label: 'Tea', amount: 900 }],
        need_shipping_address: true,
        is_flexible: true,
      }),
    );
    await start();
    chat.send('/buy');
    await chat.nextMessage();
    expect(chat.buttons().map(({ text }) => text)).toEqual(['Pay $9.00']);
    await chat.pay();
    expect((await chat.nextMessage()).text).toBe('1000');
  });
});
