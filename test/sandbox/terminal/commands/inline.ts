import type { InlineAnswer } from '../../telegram/person/inline-mode.ts';
import type { Session } from '../session.ts';
import { line, style, visible } from '../style.ts';
import { type Command, UsageError } from './command.ts';

/** The results that each session has seen last. */
const latest = new WeakMap<Session, InlineAnswer>();

const inline: Command = {
  name: 'inline',
  parameters: 'QUERY',
  help: 'types “@bot QUERY”, and lists the results',
  run(session, query) {
    const { conversation } = session;
    return conversation.act('inline_query', (chat) => {
      void chat.inlineQuery(query).then((answer) => {
        latest.set(session, answer);
        if (answer.results.length === 0) session.print(line`The bot has no results.`);
        for (const [index, result] of answer.results.entries()) {
          const title = 'title' in result ? result.title : undefined;
          const number = style('cyan', `:choose ${index + 1}`);
          session.print(line`  ${number}  ${visible(title ?? result.type)}`);
        }
      });
    });
  },
};

const choose: Command = {
  name: 'choose',
  parameters: 'NUMBER',
  help: 'sends a result of the inline query',
  run(session, number) {
    const answer = latest.get(session);
    if (!answer || !/^[1-9]\d*$/.test(number)) throw new UsageError();
    // Telegram tells the bot only if BotFather has turned that on; here it always does.
    return session.conversation.act('chosen_inline_result', (chat) =>
      chat.choose(answer, Number(number) - 1),
    );
  },
};

export const inlineCommands = [inline, choose];
