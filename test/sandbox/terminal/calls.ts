import type { ReplyKeyboardMarkup } from '@grammyjs/types';
import type { RecordedCall } from '../telegram/bot-api.ts';
import type { Telegram } from '../telegram/telegram.ts';

/** A call that was refused: by Telegram, or by the sandbox because it does not emulate the method. */
export interface RefusedCall {
  readonly method: string;
  readonly via: RecordedCall['via'];
  readonly description: string;
  readonly isLimit: boolean;
}

/** A reply keyboard that a bot has shown to a chat, or undefined if it has removed it. */
export interface KeyboardChange {
  readonly chatId: number;
  readonly keyboard: ReplyKeyboardMarkup | undefined;
}

/** Reads the Bot API calls of one bot since the last look. */
export class Calls {
  private readonly telegram: Telegram;
  private readonly botId: number;
  private read = 0;
  private unanswered: RecordedCall[] = [];
  private readonly limits = new Set<string>();

  constructor(telegram: Telegram, botId: number) {
    this.telegram = telegram;
    this.botId = botId;
  }

  /** Returns the refused calls, each method that the sandbox does not emulate once, and the changes of keyboards. */
  news(): { refused: RefusedCall[]; keyboards: KeyboardChange[] } {
    const added = this.telegram.calls.slice(this.read).filter(({ botId }) => botId === this.botId);
    this.read = this.telegram.calls.length;
    const known = [...this.unanswered, ...added];
    this.unanswered = known.filter(({ answer }) => answer === undefined);
    const calls = known.filter(({ answer }) => answer !== undefined);
    return {
      refused: calls.flatMap((call) => this.refused(call)),
      keyboards: calls.flatMap(keyboardChange),
    };
  }

  private refused({ method, via, answer }: RecordedCall): RefusedCall[] {
    if (answer?.ok !== false) return [];
    const { error_code, description } = answer;
    const isLimit =
      error_code === 501 && description.startsWith('Not Implemented: the sandbox does not emulate');
    if (isLimit && this.limits.has(method)) return [];
    if (isLimit) this.limits.add(method);
    return [{ method, via, description, isLimit }];
  }
}

function keyboardChange({ answer, parameters }: RecordedCall): KeyboardChange[] {
  if (!answer?.ok) return [];
  let markup: unknown;
  try {
    markup = parameters.json('reply_markup');
  } catch {
    return [];
  }
  if (typeof markup !== 'object' || markup === null) return [];
  const chatId = Number(parameters.text('chat_id'));
  if ('keyboard' in markup) return [{ chatId, keyboard: markup as ReplyKeyboardMarkup }];
  return 'remove_keyboard' in markup ? [{ chatId, keyboard: undefined }] : [];
}
