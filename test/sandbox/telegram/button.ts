import { badRequest } from './bot-api-error.ts';
import { cleanText } from './formatting/characters.ts';
import { checkLink, mentionedUser } from './formatting/link.ts';
import { JsonFieldError, type JsonObject } from './json-object.ts';

/** What all buttons have. */
export interface ButtonFace {
  readonly text: string;
  readonly icon_custom_emoji_id?: string;
  readonly style?: 'danger' | 'success' | 'primary';
}

/** Reads a button's text, icon and colour (telegram-bot-api, Client.cpp). @throws JsonFieldError */
export function readFace(object: JsonObject): ButtonFace {
  const text = object.requiredText('text');
  const icon = object.has('icon_custom_emoji_id')
    ? object.requiredLong('icon_custom_emoji_id')
    : '0';
  const style = object.text('style').toLowerCase();
  if (!['', 'default', 'primary', 'danger', 'success'].includes(style)) {
    throw new JsonFieldError('invalid button style specified');
  }
  return {
    text,
    ...(icon !== '0' && { icon_custom_emoji_id: icon }),
    ...(style !== '' &&
      style !== 'default' && { style: style as 'danger' | 'success' | 'primary' }),
  };
}

/** Checks the text, once it is clear that the button is shown. @param name what Telegram calls the button */
export function checkFace<T extends ButtonFace>(button: T, name: string): T {
  const text = cleanText(button.text);
  if (text === '') throw badRequest(`${name} text must be non-empty`);
  return { ...button, text };
}

/** Checks a link that must lead to a site. @param name what Telegram calls the button */
export function checkSite(url: string, name: string, kind: string): string {
  if (mentionedUser(url) !== undefined) {
    throw badRequest(`Link to a user can't be used in ${kind} URL buttons`);
  }
  const checked = checkLink(url, { httpsOnly: true });
  if ('problem' in checked) throw badRequest(`${name} URL '${url}' is invalid: ${checked.problem}`);
  return checked.url;
}
