import { execFileSync } from 'node:child_process';
import type { Update } from '@grammyjs/types';
import { expect, it } from 'vitest';
import { asCurl } from './as-curl.ts';

const update = (text: string) =>
  ({
    update_id: 7,
    message: { message_id: 1, date: 0, text, chat: { id: 1, type: 'private', first_name: 'A' } },
  }) as Update;

/** Lets a shell split the command into words, with a function in place of curl. */
function words(command: string): string[] {
  const script = `curl() { printf '%s\\0' "$@"; }\n${command}`;
  return execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
}

it
  .skipIf(process.platform === 'win32')
  .each(['hello', 'it\'s; $(touch pwned) `id` "quoted" \\ \n !! %s', "'; rm -rf / #"])(
  'is one command that sends the update, whatever its text is: %j',
  (text) => {
    const [, , address, , header, , body] = words(
      asCurl('http://127.0.0.1:4000/token/', 42, update(text)),
    );
    expect(address).toBe('http://127.0.0.1:4000/token/actions');
    expect(header).toBe('content-type: application/json');
    expect(JSON.parse(body ?? '')).toEqual({
      do: 'send update',
      botId: 42,
      update: { message: update(text).message },
    });
  },
);
