import type {
  InlineKeyboardButton,
  InlineKeyboardMarkup,
  KeyboardButton,
  ReplyKeyboardMarkup,
} from '@grammyjs/types';

/** A button that a person can press. */
export interface Choice {
  readonly text: string;
  /** What the bot gets: a callback or pre-checkout query, the text as a message, a contact or a location; nothing from the others. */
  readonly sends: 'query' | 'payment' | 'text' | 'contact' | 'location' | 'nothing';
  /** What Telegram's app does instead of asking the bot: `opens https://example.com`. */
  readonly effect?: string;
}

/** Effects of the buttons that do not send a callback query, by the field that makes their kind. */
const INLINE_EFFECTS: Readonly<Record<string, (content: never) => string>> = {
  url: (url: string) => `opens ${url}`,
  web_app: ({ url }: { url: string }) => `opens the Mini App ${url}`,
  login_url: ({ url }: { url: string }) => `logs in at ${url}`,
  copy_text: ({ text }: { text: string }) => `copies “${text}”`,
  switch_inline_query: (query: string) =>
    `lets choose a chat and starts the inline query “${query}”`,
  switch_inline_query_current_chat: (query: string) => `starts the inline query “${query}”`,
  switch_inline_query_chosen_chat: () => 'lets choose a chat and starts an inline query',
  callback_game: () => 'starts the game',
  disabled: () => 'does nothing: the button is disabled',
};

const REPLY_EFFECTS: Readonly<Record<string, (content: never) => string>> = {
  request_users: () => 'lets choose users to share',
  request_chat: () => 'lets choose a chat to share',
  request_poll: () => 'lets create a poll',
  request_managed_bot: () => 'lets create a bot',
  web_app: ({ url }: { url: string }) => `opens the Mini App ${url}`,
};

export function inlineChoices(markup: InlineKeyboardMarkup | undefined): Choice[] {
  return (markup?.inline_keyboard ?? []).flat().map((button: InlineKeyboardButton) => {
    const { text } = button;
    if ('callback_data' in button) return { text, sends: 'query' };
    if ('pay' in button) return { text, sends: 'payment' };
    return { text, sends: 'nothing', effect: effectOf(button, INLINE_EFFECTS) };
  });
}

export function keyboardChoices(markup: ReplyKeyboardMarkup | undefined): Choice[] {
  return (markup?.keyboard ?? []).flat().map((button: KeyboardButton) => {
    if (typeof button === 'string') return { text: button, sends: 'text' };
    const { text } = button;
    if ('request_contact' in button && button.request_contact) return { text, sends: 'contact' };
    if ('request_location' in button && button.request_location) return { text, sends: 'location' };
    const effect = effectOf(button, REPLY_EFFECTS);
    return effect === undefined ? { text, sends: 'text' } : { text, sends: 'nothing', effect };
  });
}

function effectOf(
  button: object,
  effects: Readonly<Record<string, (content: never) => string>>,
): string | undefined {
  const [kind, content] = Object.entries(button).find(([field]) => field in effects) ?? [];
  return kind === undefined ? undefined : effects[kind]?.(content as never);
}
