import type {
  InlineKeyboardButton,
  KeyboardButton,
  Message,
  ReplyKeyboardMarkup,
} from '@grammyjs/types';

export type ButtonKind =
  | 'callback'
  | 'url'
  | 'login'
  | 'web_app'
  | 'switch_inline'
  | 'copy_text'
  | 'pay'
  | 'game'
  | 'disabled'
  | 'text'
  | 'request_contact'
  | 'request_location'
  | 'request_poll'
  | 'request_users'
  | 'request_chat'
  | 'request_bot';

/** A button that a person can press. */
export interface ButtonView {
  readonly text: string;
  readonly kind: ButtonKind;
  /** Below a message (`inline`), or in place of the person's keyboard (`keyboard`). */
  readonly place: 'inline' | 'keyboard';
  /** What happens when it is pressed, in words; undefined if the bot decides. */
  readonly effect?: string;
  readonly button: InlineKeyboardButton | Exclude<KeyboardButton, string>;
}

/** Returns the buttons below a message, row after row. */
export function inlineButtons(message: Message | undefined): ButtonView[] {
  return (message?.reply_markup?.inline_keyboard.flat() ?? []).map((button) => ({
    text: button.text,
    place: 'inline',
    button,
    ...inlineKind(button),
  }));
}

/** Returns the buttons of a reply keyboard, row after row. */
export function keyboardButtons(keyboard: ReplyKeyboardMarkup | undefined): ButtonView[] {
  return (keyboard?.keyboard.flat() ?? []).map((written) => {
    const button = typeof written === 'string' ? { text: written } : written;
    return { text: button.text, place: 'keyboard', button, ...keyboardKind(button) };
  });
}

type Kind = Pick<ButtonView, 'kind' | 'effect'>;

function inlineKind(button: InlineKeyboardButton): Kind {
  if ('callback_data' in button) return { kind: 'callback' };
  if ('url' in button) return { kind: 'url', effect: `Telegram opens ${button.url}` };
  if ('login_url' in button) {
    return { kind: 'login', effect: `Telegram logs in to ${button.login_url.url}` };
  }
  if ('web_app' in button) {
    return { kind: 'web_app', effect: `Telegram opens the Mini App ${button.web_app.url}` };
  }
  if ('copy_text' in button) {
    return { kind: 'copy_text', effect: `Telegram copies "${button.copy_text.text}"` };
  }
  if ('pay' in button) return { kind: 'pay' };
  if ('callback_game' in button) return { kind: 'game' };
  const query = inlineQueryOf(button);
  if (query !== undefined) {
    const where =
      'switch_inline_query_current_chat' in button ? 'here' : 'in a chat of your choice';
    return {
      kind: 'switch_inline',
      effect: `Telegram starts the inline query "${query}" ${where}`,
    };
  }
  return { kind: 'disabled', effect: 'Telegram shows the button as disabled' };
}

/** Returns the query that a button starts; undefined for other buttons. */
export function inlineQueryOf(button: object): string | undefined {
  const { switch_inline_query, switch_inline_query_current_chat, switch_inline_query_chosen_chat } =
    button as Partial<
      InlineKeyboardButton.SwitchInlineButton &
        InlineKeyboardButton.SwitchInlineCurrentChatButton &
        InlineKeyboardButton.SwitchInlineChosenChatButton
    >;
  if (switch_inline_query_chosen_chat) return switch_inline_query_chosen_chat.query ?? '';
  return switch_inline_query_current_chat ?? switch_inline_query;
}

function keyboardKind(button: Exclude<KeyboardButton, string>): Kind {
  if ('request_contact' in button && button.request_contact) {
    return { kind: 'request_contact', effect: 'Telegram sends your contact' };
  }
  if ('request_location' in button && button.request_location) {
    return { kind: 'request_location', effect: 'Telegram sends your location' };
  }
  if ('web_app' in button) {
    return { kind: 'web_app', effect: `Telegram opens the Mini App ${button.web_app.url}` };
  }
  if ('request_poll' in button) {
    return { kind: 'request_poll', effect: 'Telegram lets you create a poll' };
  }
  if ('request_users' in button) {
    return { kind: 'request_users', effect: 'Telegram lets you choose people' };
  }
  if ('request_chat' in button) {
    return { kind: 'request_chat', effect: 'Telegram lets you choose a chat' };
  }
  if ('request_managed_bot' in button) {
    return { kind: 'request_bot', effect: 'Telegram lets you create a bot' };
  }
  return { kind: 'text' };
}
