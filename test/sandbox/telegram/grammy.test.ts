import {
  Bot,
  type Context,
  GrammyError,
  InlineKeyboard,
  InputFile,
  InputMediaBuilder,
  Keyboard,
  session,
  webhookCallback,
} from 'grammy';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tooManyRequests } from './bot-api-error.ts';
import type { Chat } from './chat.ts';
import { refusal } from './faults.ts';
import { TelegramFixture, WEBHOOK_URL } from './fixtures.ts';
import { PLACEHOLDER_PNG } from './state/image.ts';

let stage: TelegramFixture;
let bot: Bot;
let chat: Chat;
beforeEach(async () => {
  stage = await TelegramFixture.open();
  const apiRoot = stage.serveLocally();
  bot = new Bot(stage.token, { client: { apiRoot }, botInfo: stage.bot.user });
  chat = stage.telegram.chat(stage.bot.id, { id: 42, firstName: 'Ada', username: 'ada' });
});
afterEach(() => stage.close());

async function start(settings: object = {}): Promise<void> {
  await stage.connect(webhookCallback(bot, 'http'), settings);
}

/** Refusals and limits that the bot met on its way. */
const failures = () => stage.telegram.calls.filter(({ answer }) => answer?.ok === false);

describe('a menu of grammY', () => {
  const menu = new InlineKeyboard().text('A', 'a').text('B', 'b').row().url('Site', 'https://x.y');
  beforeEach(async () => {
    bot.command('menu', (ctx) => ctx.reply('Choose', { reply_markup: menu }));
    bot.callbackQuery('a', async (ctx) => {
      await ctx.answerCallbackQuery({ text: 'You chose A' });
      await ctx.editMessageText('A it is', { reply_markup: menu });
    });
    bot.callbackQuery('b', (ctx) => ctx.answerCallbackQuery());
    await start();
  });

  it('is edited in place when a button is pressed', async () => {
    chat.send('/menu');
    const message = await chat.nextMessage();
    const edited = new Promise((resolve) => chat.onEdit(resolve));
    expect(await chat.press('A')).toMatchObject({ kind: 'callback', text: 'You chose A' });
    expect(await edited).toMatchObject({ message_id: message.message_id, text: 'A it is' });
    expect(chat.messages.map(({ text }) => text)).toEqual(['/menu', 'A it is']);
    expect(failures()).toEqual([]);
  });

  it('says what its other buttons do', async () => {
    chat.send('/menu');
    await chat.nextMessage();
    expect(await chat.press('Site')).toEqual({
      kind: 'url',
      text: 'Telegram opens https://x.y/',
      showAlert: false,
      url: 'https://x.y/',
    });
  });

  it('sees the refusal of an edit that changes nothing', async () => {
    chat.send('/menu');
    const { message_id } = await chat.nextMessage();
    const edit = bot.api.editMessageText(42, message_id, 'Choose', { reply_markup: menu });
    await expect(edit).rejects.toThrow(
      'Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message',
    );
  });
});

describe('a conversation of grammY', () => {
  it('asks with a forced reply and a keyboard, and keeps a session', async () => {
    type Form = Context & { session: { name?: string } };
    const forms = new Bot<Form>(stage.token, {
      client: { apiRoot: stage.serveLocally() },
      botInfo: stage.bot.user,
    });
    forms.use(session({ initial: () => ({}) }));
    forms.command('start', (ctx) => ctx.reply('Name?', { reply_markup: { force_reply: true } }));
    forms.on('message:contact', (ctx) =>
      ctx.reply(`${ctx.session.name}: ${ctx.message.contact.phone_number}`, {
        reply_markup: { remove_keyboard: true },
      }),
    );
    forms.on('message:text', (ctx) => {
      ctx.session.name = ctx.message.text;
      const reply_markup = new Keyboard().requestContact('My number').text('No').oneTime();
      return ctx.reply(`Hello ${ctx.message.reply_to_message?.text}`, { reply_markup });
    });
    await stage.connect(webhookCallback(forms, 'http'));
    chat.send('/start');
    await chat.nextMessage();
    expect(chat.forcedReply?.text).toBe('Name?');
    chat.send('Ada');
    expect((await chat.nextMessage()).text).toBe('Hello Name?');
    expect(chat.keyboardButtons().map(({ text, kind }) => [text, kind])).toEqual([
      ['My number', 'request_contact'],
      ['No', 'text'],
    ]);
    expect(await chat.press('My number')).toMatchObject({ kind: 'request_contact' });
    expect((await chat.nextMessage()).text).toBe('Ada: +15550100');
    expect(chat.keyboard).toBeUndefined();
  });
});

describe('media of grammY', () => {
  const picture = () => new InputFile(PLACEHOLDER_PNG, 'dot.png');
  beforeEach(() => {
    chat.send('hello');
  });

  it('uploads a file, sends it again by its id, and downloads it', async () => {
    const sent = await bot.api.sendDocument(42, new InputFile(Buffer.from('{"a":1}'), 'a.json'), {
      caption: 'Look',
    });
    expect(sent).toMatchObject({
      caption: 'Look',
      document: { file_name: 'a.json', file_size: 7 },
    });
    const again = await bot.api.sendDocument(42, sent.document.file_id);
    expect(again.document).toEqual(sent.document);
    const { file_path } = await bot.api.getFile(sent.document.file_id);
    const url = `${stage.serveLocally()}/file/bot${stage.token}/${file_path}`;
    expect(await (await fetch(url)).text()).toBe('{"a":1}');
  });

  it('sends an album of uploads and of known files', async () => {
    const { photo } = await bot.api.sendPhoto(42, picture());
    const album = await bot.api.sendMediaGroup(42, [
      InputMediaBuilder.photo(picture(), { caption: 'first' }),
      InputMediaBuilder.photo(photo.at(-1)?.file_id ?? ''),
    ]);
    const [first, second] = album;
    expect(first).toMatchObject({ caption: 'first', photo: [{ width: 1, height: 1 }] });
    expect(first && 'media_group_id' in first && first.media_group_id).toBeTruthy();
    expect(second).toMatchObject({
      photo,
      media_group_id: (first as never as typeof second & { media_group_id: string }).media_group_id,
    });
  });

  it('replaces the photo of a message', async () => {
    const { message_id } = await bot.api.sendPhoto(42, picture(), { caption: 'old' });
    const media = InputMediaBuilder.document(new InputFile(Buffer.from('x'), 'x.txt'));
    const edited = await bot.api.editMessageMedia(42, message_id, media);
    expect(edited).toMatchObject({ message_id, document: { file_name: 'x.txt' } });
    expect(edited).not.toHaveProperty('photo');
    expect(edited).not.toHaveProperty('caption');
  });

  it("reads a person's photo", async () => {
    bot.on('message:photo', async (ctx) => {
      const file = await ctx.getFile();
      await ctx.reply(`${file.file_path} ${ctx.message.caption}`);
    });
    await start({ drop_pending_updates: true });
    chat.sendPhoto({ caption: 'me' });
    expect((await chat.nextMessage()).text).toMatch(/^photos\/file_\d+\.jpg me$/);
  });

  it('gets a placeholder for a URL, because the sandbox is offline', async () => {
    await bot.api.sendPhoto(42, 'https://example.com/cat.jpg');
    expect(stage.telegram.calls.at(-1)?.notes).toEqual([
      'The sandbox is offline: a placeholder stands in for https://example.com/cat.jpg',
    ]);
  });
});

describe('inline mode of grammY', () => {
  beforeEach(async () => {
    bot.on('inline_query', (ctx) =>
      ctx.answerInlineQuery(
        [
          {
            type: 'article',
            id: 'one',
            title: 'One',
            input_message_content: { message_text: `One ${ctx.inlineQuery.query}` },
            reply_markup: new InlineKeyboard().text('More', 'more'),
          },
        ],
        { cache_time: 0 },
      ),
    );
    bot.on('chosen_inline_result', (ctx) => ctx.editMessageText('changed'));
    bot.on('callback_query', (ctx) => ctx.answerCallbackQuery('pressed'));
    await start();
  });

  it('offers results, and edits the message that was chosen', async () => {
    const answer = await chat.inlineQuery('cats');
    expect(answer.results).toMatchObject([{ id: 'one', title: 'One' }]);
    const edited = new Promise((resolve) => chat.onEdit(resolve));
    const message = chat.choose(answer, 'one');
    expect(message).toMatchObject({ text: 'One cats', via_bot: { id: stage.bot.id } });
    expect(await edited).toMatchObject({ text: 'changed' });
  });

  it('answers the buttons of its messages', async () => {
    const message = chat.choose(await chat.inlineQuery('cats'));
    expect(await chat.press('More', message)).toMatchObject({ text: 'pressed' });
  });
});

describe('payments of grammY', () => {
  it('are checked by the bot and reported to it', async () => {
    bot.command('buy', (ctx) =>
      ctx.replyWithInvoice('Tea', 'A cup', 'tea-1', 'XTR', [{ label: 'Tea', amount: 5 }]),
    );
    bot.on('pre_checkout_query', (ctx) => ctx.answerPreCheckoutQuery(true));
    bot.on('message:successful_payment', (ctx) =>
      ctx.reply(`Paid ${ctx.message.successful_payment.invoice_payload}`),
    );
    await start();
    chat.send('/buy');
    await chat.nextMessage();
    expect(await chat.press('Pay ⭐️5')).toMatchObject({ kind: 'pay', showAlert: false });
    expect((await chat.nextMessage()).text).toBe('Paid tea-1');
  });

  it('are refused with the reason of the bot', async () => {
    bot.on('pre_checkout_query', (ctx) => ctx.answerPreCheckoutQuery(false, 'Sold out'));
    await start();
    chat.send('hello');
    await bot.api.sendInvoice(42, 'Tea', 'A cup', 'p', 'XTR', [{ label: 'Tea', amount: 5 }]);
    expect(await chat.pay()).toEqual({ paid: false, error: 'Sold out' });
  });
});

describe('a business account behind grammY', () => {
  it('answers, edits and deletes in the name of its owner', async () => {
    bot.on('business_message', async (ctx) => {
      const { user } = await ctx.getBusinessConnection();
      const { message_id } = await ctx.reply(`${user.first_name} is out`);
      const business_connection_id = ctx.businessConnectionId ?? '';
      await ctx.api.editMessageText(ctx.chat.id, message_id, 'Back soon', {
        business_connection_id,
      });
      await ctx.api.deleteBusinessMessages(business_connection_id, [ctx.msg.message_id]);
    });
    await start();
    const account = stage.telegram.business(stage.bot.id, { id: 42, firstName: 'Ada' });
    const eve = account.customer({ id: 43, firstName: 'Eve' });
    const deleted = new Promise((resolve) => eve.onDelete(resolve));
    eve.send('Are you there?');
    expect(await eve.nextMessage()).toMatchObject({
      text: 'Ada is out',
      from: { id: 42 },
      sender_business_bot: { id: stage.bot.id },
    });
    expect(await deleted).toMatchObject({ text: 'Are you there?' });
    expect(eve.messages).toMatchObject([{ text: 'Back soon' }]);
    expect(failures()).toEqual([]);
  });
});

describe('what grammY throws', () => {
  it('names a limit of the sandbox as such', async () => {
    const limits: string[] = [];
    stage.telegram.onLimit = (what) => limits.push(what);
    for (let attempt = 0; attempt < 2; attempt++) {
      await expect(bot.api.getAvailableGifts()).rejects.toThrow(
        'Not Implemented: the sandbox does not emulate getAvailableGifts',
      );
    }
    expect(stage.telegram.calls.map(({ limit }) => limit)).toEqual([true, true]);
    expect(limits).toEqual(['getAvailableGifts']);
  });

  it('tells how long to wait, when a test lets Telegram refuse a flood', async () => {
    chat.send('hello');
    stage.telegram.intercept = ({ method }) =>
      method === 'sendMessage' ? refusal(tooManyRequests(7)) : undefined;
    await expect(bot.api.sendMessage(42, 'hi')).rejects.toMatchObject({
      error_code: 429,
      parameters: { retry_after: 7 },
    });
  });

  it("is Telegram's refusal when the person has blocked the bot", async () => {
    bot.on('my_chat_member', () => {});
    await start();
    chat.send('hello');
    chat.block();
    const error = await bot.api.sendMessage(42, 'hi').catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(GrammyError);
    expect(error).toMatchObject({
      error_code: 403,
      description: 'Forbidden: bot was blocked by the user',
    });
    chat.unblock();
    expect(await bot.api.sendMessage(42, 'hi')).toMatchObject({ text: 'hi' });
  });
});

it('works as a webhook that grammY sets itself', async () => {
  bot.on('message', (ctx) => ctx.react('👍'));
  stage.network.serve('bot.example.com', webhookCallback(bot, 'http'));
  await bot.api.setWebhook(WEBHOOK_URL);
  const reacted = new Promise((resolve) => chat.onReaction(resolve));
  const message = chat.send('hello');
  expect(await reacted).toMatchObject({
    message: { message_id: message.message_id },
    reactions: [{ type: 'emoji', emoji: '👍' }],
  });
});
