import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Logs } from '../aws/logs.ts';
import { FifoQueue } from '../aws/sqs/fifo-queue.ts';
import { type Arrival, DeliveryStage } from '../telegram/fixtures.ts';
import { Conversation, type ConversationOptions } from './conversation.ts';

const ATTACK = '\x1b]0;owned\x07\x1b[2J\x9b31m';
const SHOWN = '␛]0;owned␇␛[2J\\u009b31m';

let stage: DeliveryStage;
let logs: Logs;
let printed: string[];
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
  telegram.onDelivery = (report) => opened.onDelivery(report);
  return opened;
}

afterEach(() => stage.close());

function newQueue(): FifoQueue {
  const configuration = {
    ...{ name: 'Updates.fifo', visibilityTimeout: 30, retention: 3600 },
    deduplicationScope: 'messageGroup',
  } as const;
  return new FifoQueue(configuration, stage.clock);
}

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
    expect(printed).toEqual([
      `@kit_bot: hi ${SHOWN}`,
      `  :1 [ button ${SHOWN} ]`,
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

  it('is waited for no longer than a function may run', async () => {
    let isOver = false;
    // Behind a queue, the delivery alone does not count.
    conversation = open({ queue: { arn: 'arn', updates: newQueue() } });
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
