import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { chatWith } from '../chat/chat-with.ts';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

/** The code in the documents, as it stands in `functions/`. */
const documented = [read('../../README.md'), read('../../infra/README.md')].flatMap((text) =>
  [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) => code),
);

it.each(['upper-case', 'grammy', 'telegraf'])(
  'the recipe %s is in the documents as it is here',
  (name) => {
    const code = read(`${name}.ts`).replace('../../functions/receiver/', './receiver/');
    expect(documented).toContain(code);
  },
);

it.each([
  ['upper-case', 'HELLO'],
  ['grammy', 'hello'],
  ['telegraf', 'hello'],
])('the recipe %s answers', async (name, text) => {
  for (const delivery of ['direct', 'queued'] as const) {
    const chat = await chatWith(() => import(`../recipes/${name}.ts`), { delivery });
    expect(await chat.say('hello')).toMatchObject([{ text }]);
    chat.close();
  }
});
