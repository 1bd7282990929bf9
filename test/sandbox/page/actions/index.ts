import { BotApiError } from '../../telegram/bot-api-error.ts';
import type { Page } from '../page.ts';
import { type Action, type ActionResult, LOCAL_ACTIONS } from '../protocol.ts';
import { UnreadableRequest } from '../request-body.ts';
import type { ActionHandler, ActionHandlers, ActionName } from './action.ts';
import { botActions } from './bot.ts';
import { breakActions } from './break.ts';
import { chatActions } from './chat.ts';

const HANDLERS: ActionHandlers<ActionName> = {
  ...chatActions,
  ...botActions,
  ...breakActions,
};

/** Performs whatever was sent. @throws UnreadableRequest when that is no action */
export async function performAction(sent: unknown, page: Page): Promise<ActionResult> {
  const action = checked(sent);
  try {
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
  const { do: name } = action;
  const handler =
    typeof name === 'string' && Object.hasOwn(HANDLERS, name) ? HANDLERS[name] : undefined;
  if (!handler) throw new UnreadableRequest(400, `There is no action "${name}". Reload the page.`);
  for (const [field, { isValid, expected }] of Object.entries(handler.fields)) {
    if (isValid(Reflect.get(action, field))) continue;
    throw new UnreadableRequest(400, `The ${field} of "${name}" must be ${expected}.`);
  }
  return action;
}

function sentenceOf(error: Error): string {
  const text =
    error instanceof BotApiError ? `Telegram refuses this: ${error.message}` : error.message;
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
