import type { CallbackQuery, InlineKeyboardButton, Message, User } from '@grammyjs/types';
import type { Bot } from '../bot.ts';
import type { Dialog } from '../state/dialog.ts';
import { type ButtonView, inlineQueryOf } from './buttons.ts';
import { type InlineChoice, sendChoice } from './inline-mode.ts';
import { payInvoice } from './payment.ts';

/** The bot's answer to a pressed button, shown as a toast or as an alert. */
export interface CallbackAnswer {
  readonly text: string;
  readonly showAlert: boolean;
  /** The page that Telegram opens: a game's, or a link to the bot. */
  readonly url?: string;
}

/** What came of a pressed button. `text` is what the person reads, be it from the bot or from Telegram. */
export interface PressOutcome extends CallbackAnswer {
  readonly kind: ButtonView['kind'];
  /** The message that the button has sent. */
  readonly message?: Message;
  /** Identifies the Mini App's session, for answerWebAppQuery. */
  readonly webAppQueryId?: string;
  /** The inline query that the button starts. */
  readonly query?: string;
}

/** The message that a bot sends on behalf of a person who uses its Mini App. */
export interface WebAppAnswer {
  readonly choice: InlineChoice;
  /** Called with the inline message id. */
  readonly sent: (inlineMessageId: string) => void;
}

export async function pressInline(
  bot: Bot,
  dialog: Dialog,
  person: User,
  view: ButtonView,
  message: Message,
): Promise<PressOutcome> {
  const { kind, effect = '' } = view;
  const button = view.button as InlineKeyboardButton;
  switch (kind) {
    case 'callback':
    case 'game': {
      const { id, answer } = bot.queries.ask<CallbackAnswer>('callback');
      const inlineMessageId = bot.inlineMessageId(dialog, message);
      const query: CallbackQuery = {
        id,
        from: person,
        ...(inlineMessageId ? { inline_message_id: inlineMessageId } : { message }),
        chat_instance: String(dialog.id),
        ...('callback_data' in button
          ? { data: button.callback_data }
          : { game_short_name: message.game?.title ?? '' }),
      };
      bot.receive({ callback_query: query });
      return { kind, ...(await answer) };
    }
    case 'pay': {
      const { paid, error, message: receipt } = await payInvoice(bot, dialog, person, message);
      const text = paid ? 'The payment was successful' : (error ?? 'The payment was refused');
      return { kind, text, showAlert: !paid, ...(receipt && { message: receipt }) };
    }
    case 'web_app': {
      const webAppQueryId = bot.queries.expect<WebAppAnswer>('web app', ({ choice, sent }) => {
        sent(sendChoice(bot, dialog, person, choice).inlineMessageId);
      });
      return { kind, ...says(effect), ...opens(button), webAppQueryId };
    }
    case 'switch_inline':
      return { kind, ...says(effect), query: inlineQueryOf(button) ?? '' };
    default:
      return { kind, ...says(effect), ...opens(button) };
  }
}

/** Presses a button in place of the keyboard: it sends a message, or opens something in the app. */
export function pressKey(
  { kind, effect = '', button }: ButtonView,
  send: Record<'text' | 'contact' | 'location', () => Message>,
): PressOutcome {
  switch (kind) {
    case 'text':
      return { kind, ...says(''), message: send.text() };
    case 'request_contact':
      return { kind, ...says(effect), message: send.contact() };
    case 'request_location':
      return { kind, ...says(effect), message: send.location() };
    default:
      return { kind, ...says(effect), ...opens(button) };
  }
}

function says(text: string): CallbackAnswer {
  return { text, showAlert: false };
}

/** Returns the address that a button opens. */
function opens(button: object): { url?: string } {
  const { url, web_app, login_url } = button as {
    url?: string;
    web_app?: { url: string };
    login_url?: { url: string };
  };
  const address = url ?? web_app?.url ?? login_url?.url;
  return address === undefined ? {} : { url: address };
}
