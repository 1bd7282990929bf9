import type { Update } from '@grammyjs/types';
import type { Action } from '../../protocol.ts';

/** Returns an update without its number: sent again, it gets the next one. */
export function withoutId({ update_id: _, ...update }: Update): Omit<Update, 'update_id'> {
  return update;
}

/**
 * Returns a command for a POSIX shell that sends an update to the bot again.
 *
 * @param page the address of the page, which holds its token
 */
export function asCurl(page: string, botId: number, update: Update): string {
  const action: Action = { do: 'send update', botId, update: withoutId(update) };
  return [
    `curl --silent --show-error ${quoted(new URL('actions', page).href)}`,
    `--header 'content-type: application/json'`,
    `--data-raw ${quoted(JSON.stringify(action))}`,
  ].join(' \\\n  ');
}

/** Quotes a word for a POSIX shell: nothing in single quotes is special except the single quote. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
