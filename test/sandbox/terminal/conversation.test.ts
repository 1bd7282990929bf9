import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Logs } from '../aws/logs.ts';
import { type Arrival, DeliveryStage } from '../telegram/fixtures.ts';
import { Conversation, type ConversationOptions } from './conversation.ts';
import { newQueue } from './fixtures.ts';

const ATTACK = '\x1b]0;owned\x07\x1b[2J\x9b31m';
const SHOWN = '␛]0;owned␇␛[2J\\u009b31m';

let stage: DeliveryStage;
let logs: Logs;
let printed: string[];
let stopReports = () => {};
let conversation: Conversation;

beforeEach(async () => {
  stage = await DeliveryStage.open();
  await stage.setWebhook();
  logs = new Logs();
  logs.createGroup('bot', {});
  printed = [];
  conversation = open();
});

/** Opens a conversation that gets the reports of deliveries. */
function open(options: Partial<ConversationOptions> = {}): Conversation {
  const { telegram, bot, clock } = stage;
  const opened = new Conversation({
    ...{ telegram, bot, clock, logs, logGroups: ['bot'] },
    print: (text) => printed.push(text),
    ...options,
  });
  stopReports();
  stopReports = telegram.attempted.listen((report) => opened.onDelivery(report));
  return opened;
}

afterEach(() => stage.close());

/** Lets the bot reply to every update with a call of the Bot API. */
function reply(call: (arrival: Arrival) => object): void {
  stage.network.automatic = (arrival) => {
    const headers = { 'content-type': 'application/json' };
    arrival.answer(200, { headers, body: JSON.stringify(call(arrival)) });
  };
}

const message = (text: string, button?: string) => ({
  method: 'sendMessage',
  chat_id: 1001,
  text,
  ...(button && {
    reply_markup: { inline_keyboard: [[{ text: button, callback_data: 'pressed' }]] },
  }),
});

describe('control characters are made visible', () => {
  it('in messages, buttons and answers to buttons', async () => {
    reply(({ update }) =>
      update.callback_query
        ? {
            method: 'answerCallbackQuery',
            callback_query_id: update.callback_query.id,
            text: `pressed ${ATTACK}`,
          }
        : message(`hi ${ATTACK}`, `button ${ATTACK}`),
    );
    await conversation.say('hello');
    await conversation.buttons.press(1);
    await expect.poll(() => printed, { timeout: 60_000 }).toHaveLength(3);
    // Telegram replaces most control characters in messages and buttons itself.
    const cleaned = SHOWN.replace(/[␀-␟]/g, ' ');
    expect(printed).toEqual([
      `@kit_bot: hi ${cleaned}`,
      `  :1 [ button ${cleaned} ]`,
      `@kit_bot (pressed ${SHOWN})`,
    ]);
  });

  it('in what a bot logs', async () => {
    reply(() => {
      logs.write('bot', `plain ${ATTACK}`);
      logs.write('bot', JSON.stringify({ level: 'INFO', message: `json ${ATTACK}` }));
      return message('hi');
    });
    await conversation.say('hello');
    expect(printed).toContain(`  plain ${SHOWN}`);
    expect(printed).toContain(`  json ${SHOWN}`);
  });

  it('in what Telegram quotes when it refuses a call', async () => {
    reply(() => ({ method: `no${ATTACK}`, chat_id: 1001 }));
    await conversation.say('hello');
    expect(printed.join('\n')).not.toContain('\x1b');
    expect(printed.join('\n')).toContain('␛');
  });
});

describe('an update that the bot does not handle', () => {
  it('is reported at once when Telegram does not deliver it', async () => {
    await stage.setWebhook({ allowed_updates: '["callback_query"]' });
    await conversation.say('hello');
    expect(printed).toEqual([
      "Not delivered: the webhook's allowedUpdates do not include message.",
    ]);
    stage.telegram.eraseWebhook(stage.bot.id);
    await conversation.say('hello');
    expect(printed[1]).toBe('Not delivered: the bot has no webhook any more.');
    expect(conversation.problems).toBe(2);
  });

  it('is named when the bot takes long, where a person waits', async () => {
    conversation = open({ hints: true });
    const said = conversation.say('hello');
    await stage.clock.advance(5000);
    expect(printed).toEqual(['The bot is still busy with “hello”.']);
    (await stage.network.next()).answer(200);
    await said;
  });

  it('is waited for no longer than a function may run', async () => {
    let isOver = false;
    // Behind a queue, the delivery alone does not count.
    conversation = open({ queue: newQueue(stage) });
    reply(() => ({}));
    const said = conversation.say('hello').then(() => {
      isOver = true;
    });
    await stage.clock.advance(14 * 60_000);
    expect(isOver).toBe(false);
    await stage.clock.advance(60_000);
    await said;
    expect(printed).toEqual([expect.stringContaining('not handled within 15 minutes')]);
  });
});

describe('a call of the bot', () => {
  const checklist = () => reply(() => ({ method: 'sendChecklist', chat_id: 1001 }));
  const limit =
    'The sandbox does not emulate sendChecklist: this call of the bot (webhook reply) had no effect. ' +
    'Telegram knows the method.';

  it('that the sandbox does not emulate is said once, and is no problem of the bot', async () => {
    checklist();
    await conversation.say('one');
    await conversation.say('two');
    expect(printed).toEqual([limit]);
    expect(conversation.problems).toBe(0);
  });

  it('that the sandbox does not emulate is a problem of the bot when that is asked for', async () => {
    conversation = open({ strict: true });
    checklist();
    await conversation.say('one');
    expect(printed).toEqual([limit]);
    expect(conversation.problems).toBe(1);
  });

  it('that Telegram refuses is a problem of the bot, each time', async () => {
    reply(() => message(''));
    await conversation.say('one');
    await conversation.say('two');
    const refused =
      "Telegram refused the bot's sendMessage (webhook reply): Bad Request: message text is empty";
    expect(printed).toEqual([refused, refused]);
    expect(conversation.problems).toBe(2);
  });
});

it('shows a message that is edited as such', async () => {
  reply(() => message('hi'));
  await conversation.say('hello');
  const message_id = conversation.chat.messages.at(-1)?.message_id;
  reply(() => ({ method: 'editMessageText', chat_id: 1001, message_id, text: 'hi there' }));
  await conversation.say('and now?');
  expect(printed).toEqual(['@kit_bot: hi', '@kit_bot edited: hi there']);
});

it('goes on after an action that Telegram’s app would not allow', async () => {
  await conversation.act('message', () => {
    throw new Error('Telegram does not send empty messages');
  });
  expect(printed).toEqual(['Telegram does not send empty messages']);
  expect(conversation.problems).toBe(0);
});
