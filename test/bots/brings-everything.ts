/** A bot that brings along what bots do: compiled code, an imported file, and files that it reads in two ways. */
import { readFileSync } from 'node:fs';
import { transformSync } from 'esbuild';
import { type Reply, receive, type Update } from '../../functions/receiver/index.ts';
import goodbye from './texts/goodbye.md';

const hello = readFileSync(new URL('./texts/hello.txt', import.meta.url), 'utf8');

async function onUpdate({ message }: Update): Promise<Reply> {
  if (!message?.text) return undefined;
  const { code } = transformSync(message.text, { loader: 'ts' });
  const again = readFileSync('test/bots/texts/goodbye.md', 'utf8');
  return { method: 'sendMessage', chat_id: message.chat.id, text: hello + code + goodbye + again };
}

export const handler = receive(onUpdate);
