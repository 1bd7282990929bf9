import { transformSync } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BotChat, chatWith } from '../chat/chat-with.ts';
import { DeployedApp } from '../chat/deployed-app.ts';
import { asTest, Timeline, type UpdateEntry } from '../sandbox/index.ts';

const entry = 'test/bots/plays-along.ts';

let deployed: DeployedApp;
let timeline: Timeline;
beforeAll(async () => {
  const app = 'node --import tsx test/end-to-end/start-app.ts';
  deployed = await DeployedApp.deploy({ app, context: { entry } });
  timeline = Timeline.of(deployed.sandbox);
});
afterAll(async () => {
  timeline?.close();
  await deployed?.close();
});

type Test = () => Promise<void>;

/** Lets people do something, and returns the test of the last update of a type that this caused. */
async function copied(
  type: keyof UpdateEntry['update'],
  act: (chat: BotChat) => Promise<unknown>,
  options: Parameters<typeof chatWith>[1] = {},
): Promise<{ readonly code: string; readonly test: Test }> {
  await act(await chatWith(deployed, options));
  const updates = timeline.entries.filter((one) => one.kind === 'update');
  const update = updates.findLast((one) => type in one.update);
  const copy = asTest(update as UpdateEntry, updates, { isQueued: false });
  if (!copy.ok) throw new Error(copy.reason);
  return { code: copy.code, test: testIn(copy.code) };
}

/** Returns the test that the code defines, with the bot of this file in place of the project's. */
function testIn(code: string): Test {
  const body = code.replaceAll(/^import .*$/gm, '').replace(/\(\) => import\(.*?\)/, 'load');
  const { code: script } = transformSync(body, { loader: 'ts' });
  let found: Test | undefined;
  const define = (_title: string, test: Test) => {
    found = test;
  };
  const load = () => import('../bots/plays-along.ts');
  new Function('it', 'expect', 'chatWith', 'load', script)(define, expect, chatWith, load);
  if (!found) throw new Error(`The code defines no test:\n${code}`);
  return found;
}

const presses = async (chat: BotChat) => {
  await chat.say('/start');
  await chat.press('Press me');
};
const edits = async (chat: BotChat) => {
  await chat.say('one');
  await chat.edit('two');
};
const group = { group: { title: 'Team' } };

it.each<[string, ...Parameters<typeof copied>]>([
  ['a text', 'message', (chat) => chat.say('hello')],
  ['a pressed button', 'callback_query', presses],
  ['an edit', 'edited_message', edits],
  ['a command in a group', 'message', (chat) => chat.say('/start@sandbox_bot'), group],
  [
    'what a group says to an administrator',
    'edited_message',
    edits,
    { group: { title: 'Team', bot: 'administrator' } },
  ],
  ['a button in a group', 'callback_query', presses, group],
  [
    'a vote',
    'poll_answer',
    async (chat) => {
      await chat.say('/poll');
      await chat.does((person) => {
        const poll = person.messages.at(-1);
        if (poll) person.vote(poll, 'Coffee');
      });
    },
  ],
  [
    'a payment',
    'pre_checkout_query',
    async (chat) => {
      await chat.say('/buy 5');
      await chat.press('Pay ⭐️5');
    },
  ],
  [
    'a payment that the bot refuses',
    'pre_checkout_query',
    async (chat) => {
      await chat.say('/buy 20000');
      await chat.press('Pay ⭐️20000');
    },
  ],
])('the copied test of %s passes, and fails if the bot says something else', async (_, ...args) => {
  const { code, test } = await copied(...args);
  await test();
  const other = code.replace(/(text: ')(\w+)/, '$1Not $2');
  expect(other).not.toBe(code);
  await expect(testIn(other)()).rejects.toThrow('to match object');
});
