import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { chatWith } from '../chat/chat-with.ts';
import { DeployedApp } from '../chat/deployed-app.ts';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

/** The code in the documents, as it stands in `functions/`. */
const documented = [read('../../README.md'), read('../../infra/README.md')].flatMap((text) =>
  [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) => code),
);

it.each(['upper-case', 'bot-api', 'grammy', 'telegraf', 'table'])(
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

it('the recipe bot-api answers, and edits its answer', async () => {
  for (const delivery of ['direct', 'queued'] as const) {
    const chat = await chatWith(() => import('./bot-api.ts'), { delivery });
    await chat.say('hello');
    expect(chat.person.messages.at(-1)).toMatchObject({ text: '5 letters' });
    chat.close();
  }
});

it('the app of the table is in the documents as it is here', () => {
  const app = read('table-app.ts');
  const snippet = documented.find((code) => code.startsWith('const table = new TableV2'));
  expect(app.endsWith(snippet ?? 'nothing')).toBe(true);
});

it('the recipe of a table counts in the table', async () => {
  const app = await DeployedApp.deploy({ app: 'node --import tsx test/recipes/table-app.ts' });
  try {
    const chat = await chatWith(app);
    expect(await chat.say('one')).toMatchObject([{ text: 'That was message 1.' }]);
    expect(await chat.say('two')).toMatchObject([{ text: 'That was message 2.' }]);
    const other = await chatWith(app, { person: { firstName: 'Grace' } });
    expect(await other.say('one')).toMatchObject([{ text: 'That was message 1.' }]);
  } finally {
    await app.close();
  }
});
