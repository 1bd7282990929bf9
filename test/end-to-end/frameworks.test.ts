import { describe, expect, it } from 'vitest';
import { chatWith } from '../chat/chat-with.ts';
import { DeployedApp } from '../chat/deployed-app.ts';

const app = 'node --import tsx test/end-to-end/frameworks-app.ts';

describe.each(['grammy', 'telegraf'])('a bot of %s with sessions in a table', (framework) => {
  it.each(['direct', 'queued'])(
    'keeps them, edits, and handles media and inline queries, %s',
    async (delivery) => {
      const context = { delivery, entry: `test/bots/frameworks/${framework}.ts` };
      const deployed = await DeployedApp.deploy({ app, context });
      try {
        const chat = await chatWith(deployed);
        expect(await chat.say('/start')).toMatchObject([{ text: 'Visit 1' }]);
        const { answer } = await chat.press('More');
        expect(answer).toMatchObject({ text: 'Counted' });
        expect(chat.person.messages.at(-1)).toMatchObject({ text: 'Visit 11' });
        expect(await chat.say('/start')).toMatchObject([{ text: 'Visit 12' }]);

        const other = await chatWith(deployed, { person: { firstName: 'Grace' } });
        expect(await other.say('/start')).toMatchObject([{ text: 'Visit 1' }]);

        const [reply] = await chat.does((person) => person.sendPhoto());
        expect(reply).toMatchObject({
          caption: expect.stringMatching(/^\d+$/),
          photo: expect.anything(),
        });

        let titles: unknown;
        await chat.does(async (person) => {
          const { results } = await person.inlineQuery('tea');
          titles = results.map((result) => 'title' in result && result.title);
        });
        expect(titles).toEqual(['TEA']);
      } finally {
        await deployed.close();
      }
    },
  );
});
