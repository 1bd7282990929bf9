import { Bot, type Context, InlineKeyboard, InputFile, type SessionFlavor, session } from 'grammy';
import { apiRoot, botInfo, botToken, once, receive } from '../../../functions/receiver/index.ts';
import pixel from '../texts/pixel.png';
import { sessions, type Visits } from './storage.ts';

type VisitContext = Context & SessionFlavor<Visits>;

const bot = once(async () => {
  const client = { apiRoot: apiRoot() };
  const bot = new Bot<VisitContext>(await botToken(), { botInfo: botInfo(), client });
  bot.use(
    session({
      initial: () => ({ visits: 0 }),
      storage: sessions,
      getSessionKey: (ctx) => ctx.from?.id.toString(),
    }),
  );
  bot.command('start', async (ctx) => {
    ctx.session.visits++;
    await ctx.reply(`Visit ${ctx.session.visits}`, {
      reply_markup: new InlineKeyboard().text('More', 'more'),
    });
  });
  bot.callbackQuery('more', async (ctx) => {
    ctx.session.visits += 10;
    await ctx.answerCallbackQuery('Counted');
    await ctx.editMessageText(`Visit ${ctx.session.visits}`);
  });
  bot.on('message:photo', async (ctx) => {
    const file = await ctx.getFile();
    await ctx.replyWithPhoto(new InputFile(Buffer.from(pixel)), {
      caption: `${file.file_size}`,
    });
  });
  bot.on('inline_query', (ctx) =>
    ctx.answerInlineQuery([
      {
        type: 'article',
        id: '1',
        title: ctx.inlineQuery.query.toUpperCase(),
        input_message_content: { message_text: 'chosen' },
      },
    ]),
  );
  return bot;
});

export const handler = receive(async (update) => (await bot()).handleUpdate(update));
