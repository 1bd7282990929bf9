import type { Update } from '@grammyjs/types';
import { isMethod } from '../../telegram/methods.ts';
import { typeOf, UPDATE_TYPES } from '../../telegram/update-types.ts';
import type { Page } from '../page.ts';
import {
  type ActionHandlers,
  type ActionOf,
  type ActionOutcome,
  DONE,
  integerField,
  objectField,
  oneOfField,
  textField,
} from './action.ts';

/** The actions on a bot's updates, and on the answers that it gets. */
export const botActions: ActionHandlers<
  'send update' | 'retry' | 'drop' | 'redrive' | 'add fault' | 'clear faults'
> = {
  'send update': {
    fields: { botId: integerField, update: objectField },
    perform: sendUpdate,
  },
  retry: {
    fields: { botId: integerField },
    perform({ botId }, page) {
      const inTransit = page.inTransitTo(botId);
      if (inTransit.failing().length === 0) throw new Error('No update waits for another attempt.');
      inTransit.retry();
      return DONE;
    },
  },
  drop: {
    fields: { botId: integerField, updateId: integerField },
    perform({ botId, updateId }, page) {
      const inTransit = page.inTransitTo(botId);
      if (!inTransit.find(updateId)) throw new Error(`Update ${updateId} is not waiting any more.`);
      inTransit.drop(updateId);
      return DONE;
    },
  },
  redrive: {
    fields: { botId: integerField },
    perform({ botId }, page) {
      const { deadLetters } = page.local(botId).queue ?? {};
      if (!deadLetters || deadLetters.queue.size === 0)
        throw new Error('There are no dead letters.');
      page.options.sandbox.aws.sqs.redrive(deadLetters.arn);
      return DONE;
    },
  },
  'add fault': {
    fields: { botId: integerField, method: textField, code: oneOfField(400, 403, 429) },
    perform({ botId, method, code }, page) {
      const { bot } = page.local(botId);
      if (!isMethod(method)) {
        throw new Error(`Telegram has no method "${method}". Write sendMessage, for example.`);
      }
      page.options.sandbox.telegram.nextFaults.add(bot.id, method, code);
      return DONE;
    },
  },
  'clear faults': {
    fields: { botId: integerField },
    perform({ botId }, page) {
      page.options.sandbox.telegram.nextFaults.clear(page.local(botId).bot.id);
      return DONE;
    },
  },
};

function sendUpdate({ botId, update: sent }: ActionOf<'send update'>, page: Page): ActionOutcome {
  const { bot } = page.local(botId);
  const { timeline, sandbox } = page.options;
  const { update_id, ...update } = sent as Update;
  const names = Object.keys(update);
  const [name = ''] = names;
  if (names.length !== 1 || !(UPDATE_TYPES as string[]).includes(name)) {
    throw new Error(
      `An update has one field besides update_id, "message" for example. This one has ${names.join(', ') || 'none'}.`,
    );
  }
  const type = typeOf(update);
  if (!objectField.isValid(update[type])) throw new Error(`The field ${type} must be an object.`);
  if (!bot.webhook.allowedUpdates.has(type)) {
    throw new Error(`The bot's allowed updates do not include ${type}. Add it to allowedUpdates.`);
  }
  const updateId = deliver(() => sandbox.telegram.deliver(botId, update), type);
  if (updateId === undefined) throw new Error('Telegram keeps no more updates for this bot.');
  timeline.markOrigin(botId, updateId, 'sent again');
  return DONE;
}

/** Telegram's queues need some fields of every update: a chat or a user. */
function deliver<T>(act: () => T, type: string): T {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new Error(`This ${type} lacks the chat or the user that every ${type} of Telegram has.`);
  }
}
