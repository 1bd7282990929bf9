import type { Update } from '@grammyjs/types';
import { describeMessage } from './describe-message.ts';

const LONGEST = 40;

/** Names an update by what the person did, so that it is recognized: `“hello”`, `the button “yes”`. */
export function describeUpdate(update: Update): string {
  const { message, edited_message, callback_query } = update;
  try {
    if (message) return quote(describeMessage(message));
    if (edited_message) return `the edit ${quote(describeMessage(edited_message))}`;
    if (callback_query) return `the button ${quote(buttonOf(callback_query))}`;
  } catch {
    // A person has edited it on the page, and it lacks what Telegram's updates have.
  }
  const [type = 'update'] = Object.keys(update).filter((key) => key !== 'update_id');
  return `the ${type.replaceAll('_', ' ')} ${update.update_id}`;
}

/** Returns the text of the pressed button if its message is at hand, and its data otherwise. */
function buttonOf({ message, data = '' }: NonNullable<Update['callback_query']>): string {
  const keyboard = message && 'reply_markup' in message ? message.reply_markup : undefined;
  const pressed = keyboard?.inline_keyboard
    .flat()
    .find((button) => 'callback_data' in button && button.callback_data === data);
  return pressed?.text ?? data;
}

function quote(text: string): string {
  const [line = '', ...others] = text.split('\n');
  const isCut = others.length > 0 || line.length > LONGEST;
  return `“${isCut ? `${line.slice(0, LONGEST - 1)}…` : line}”`;
}
