import type { Update } from '@grammyjs/types';
import { pressedButton } from '../telegram/update-content.ts';
import { describeMessage } from './describe-message.ts';

const LONGEST = 40;

/** Names an update by what the person did, so that it is recognized: `“hello”`, `the button “yes”`. */
export function describeUpdate(update: Update): string {
  const { message, edited_message, callback_query } = update;
  try {
    if (message) return quote(describeMessage(message));
    if (edited_message) return `the edit ${quote(describeMessage(edited_message))}`;
    if (callback_query) {
      const button = pressedButton(callback_query) ?? callback_query.data ?? '';
      return `the button ${quote(button)}`;
    }
  } catch {
    // A person has edited it on the page, and it lacks what Telegram's updates have.
  }
  const [type = 'update'] = Object.keys(update).filter((key) => key !== 'update_id');
  return `the ${type.replaceAll('_', ' ')} ${update.update_id}`;
}

function quote(text: string): string {
  const [line = '', ...others] = text.split('\n');
  const isCut = others.length > 0 || line.length > LONGEST;
  return `“${isCut ? `${line.slice(0, LONGEST - 1)}…` : line}”`;
}
