import { BotApiError } from '../../telegram/bot-api-error.ts';
import type { Page } from '../page.ts';
import { type Action, type ActionResult, LOCAL_ACTIONS } from '../protocol.ts';
import type { ActionHandler, ActionHandlers, ActionName } from './action.ts';
import { botActions } from './bot.ts';
import { breakActions } from './break.ts';
import { chatActions } from './chat.ts';

const HANDLERS: ActionHandlers<ActionName> = {
  ...chatActions,
  ...botActions,
  ...breakActions,
};

/** Performs whatever was sent. Never rejects. */
export async function performAction(sent: unknown, page: Page): Promise<ActionResult> {
  try {
    const action = checked(sent);
    if (page.mode === 'live') checkLive(action);
    const { perform: run } = HANDLERS[action.do] as ActionHandler<never>;
    return { ok: true, ...(await run(action as never, page)) };
  } catch (error) {
    return { ok: false, error: sentenceOf(error as Error) };
  }
}

function checkLive(action: Action): void {
  if (Object.hasOwn(chatActions, action.do)) {
    throw new Error('This bot is on the real Telegram. Write to it there.');
  }
  if (LOCAL_ACTIONS.includes(action.do)) {
    throw new Error('This bot is on the real Telegram. Run npm start without --live for this.');
  }
}

function checked(sent: unknown): Action {
  const action = (sent ?? {}) as Action;
  const handler = Object.hasOwn(HANDLERS, action.do) ? HANDLERS[action.do] : undefined;
  if (!handler) throw new Error(`There is no action "${action.do}". Reload the page.`);
  for (const [name, { isValid, expected }] of Object.entries(handler.fields)) {
    const value: unknown = Reflect.get(action, name);
    if (!isValid(value)) throw new Error(`The ${name} of "${action.do}" must be ${expected}.`);
  }
  return action;
}

function sentenceOf(error: Error): string {
  const text =
    error instanceof BotApiError ? `Telegram refuses this: ${error.message}` : error.message;
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
