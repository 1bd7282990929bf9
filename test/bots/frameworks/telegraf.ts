import { type Context, Input, Markup, session, Telegraf } from 'telegraf';
import { apiRoot, botInfo, botToken, once, receive } from '../../../functions/receiver/index.ts';
import pixel from '../texts/pixel.png';
import { sessions, type Visits } from './storage.ts';

interface VisitContext extends Context {
  session: Visits;
}

const bot = once(async () => {
  const telegram = { apiRoot: apiRoot() };
  const bot = new Telegraf<VisitContext>(await botToken(), { telegram });
  bot.botInfo = botInfo();
  bot.use(
    session({
      defaultSession: () => ({ visits: 0 }),
      getSessionKey: (ctx) => ctx.from?.id.toString(),
      store: {
        get: (chat: string) => sessions.read<Visits>(chat),
        set: (chat: string, value: Visits) => sessions.write(chat, value),
        delete: (chat: string) => sessions.delete(chat),
      },
    }),
  );
  bot.start(async (ctx) => {
    ctx.session.visits++;
    const keyboard = Markup.inlineKeyboard([Markup.button.callback('More', 'more')]);
    await ctx.reply(`Visit ${ctx.session.visits}`, keyboard);
  });
  bot.action('more', async (ctx) => {
    ctx.session.visits += 10;
    await ctx.answerCbQuery('Counted');
    await ctx.editMessageText(`Visit ${ctx.session.visits}`);
  });
  bot.on('photo', async (ctx) => {
    const [photo] = ctx.message.photo.slice(-1);
    const file = await ctx.telegram.getFile(photo?.file_id ?? '');
    await ctx.replyWithPhoto(Input.fromBuffer(Buffer.from(pixel)), {
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

type TelegrafUpdate = Parameters<Telegraf['handleUpdate']>[0];

export const handler = receive(async (update) =>
  (await bot()).handleUpdate(update as TelegrafUpdate),
);
