/**
 * The messages between the page and its server. Both sides import this file, so nothing in it needs Node or a browser.
 *
 * `GET events` is a stream of server-sent events, each a `PageEvent` in JSON. It begins with a snapshot, so a page that
 * lost the connection needs nothing else. `POST actions` takes an `Action` and returns an `ActionResult`: with status 200
 * even if the action is refused, with 4xx if the request holds no action. `GET files/<file_id>` returns a file of a chat.
 * All paths are below `/<token>/`.
 */
import type {
  BotCommand,
  Message,
  MessageEntity,
  ReplyKeyboardMarkup,
  Update,
  User,
  WebhookInfo,
} from '@grammyjs/types';
import type { TimelineEntry } from '../timeline/entries.ts';

export interface PageState {
  /** `live`: people use the real Telegram, so the page shows no chat and cannot act for them. */
  readonly mode: 'local' | 'live';
  /** The order in which the app declares them. */
  readonly bots: readonly BotView[];
  readonly stacks: readonly StackView[];
  readonly places: readonly PlaceView[];
  /** The oldest first; old entries are dropped beyond `MAX_ENTRIES`. */
  readonly entries: readonly TimelineEntry[];
  /** Shown over the page. */
  readonly problem?: Problem;
}

export const MAX_ENTRIES = 500;

export type PageEvent =
  | { readonly type: 'snapshot'; readonly state: PageState }
  | { readonly type: 'bot'; readonly bot: BotView }
  | { readonly type: 'stacks'; readonly stacks: readonly StackView[] }
  /** Replaces the place with the same id, but not its messages: those of a new place are complete, others are left out. */
  | { readonly type: 'place'; readonly place: PlaceView }
  /** A new message, or a changed one with the same id. */
  | { readonly type: 'message'; readonly placeId: string; readonly message: Message }
  | { readonly type: 'message deleted'; readonly placeId: string; readonly messageId: number }
  | { readonly type: 'entry'; readonly entry: TimelineEntry }
  | { readonly type: 'problem'; readonly problem?: Problem }
  /** A short news for a moment: `reloaded bot.ts in 208 ms`, or what Telegram shows after a pressed button. */
  | { readonly type: 'notice'; readonly text: string }
  /** The answer to a pressed button that the person has to close: answerCallbackQuery with `show_alert`. */
  | { readonly type: 'alert'; readonly text: string; readonly placeId: string };

export interface BotView {
  readonly id: number;
  readonly username: string;
  readonly firstName: string;
  /** Path of its construct: `TelegramBot-dev/Bot`. Absent if it is not deployed. */
  readonly path?: string;
  /** Where people use it: the root of a real Bot API. Absent for a bot on the local Telegram. */
  readonly apiRoot?: string;
  readonly isQueued: boolean;
  /** As getWebhookInfo returns it, except that the URL ends after its host. */
  readonly webhookInfo: WebhookInfo;
  /** Whether the kit's watch is deployed for it. */
  readonly isWatched: boolean;
  /** What the watch says. Absent before its first answer, and after it has failed. */
  readonly diagnosis?: DiagnosisView;
  /** Whether the secret holds the token that Telegram accepts. */
  readonly isTokenValid: boolean;
  readonly queue?: { readonly waiting: number; readonly deadLetters: readonly DeadLetterView[] };
  /** Answers that the next calls get, in order. */
  readonly faults: readonly FaultView[];
}

export interface DiagnosisView {
  /** One word, `healthy` if nothing is wrong. */
  readonly condition: string;
  readonly cause: string;
  readonly fix: string;
  readonly at: number;
}

export interface DeadLetterView {
  /** Of its message in the queue. */
  readonly id: string;
  readonly updateId: number;
  readonly attempts: number;
}

export interface FaultView {
  readonly method: string;
  readonly code: FaultCode;
}

export type FaultCode = 400 | 403 | 429;

export interface StackView {
  readonly name: string;
  readonly status: string;
  readonly outputs: readonly { readonly name: string; readonly value: string }[];
}

/** A chat with a bot as one person sees it: private, or a group that the person is in. */
export interface PlaceView {
  readonly id: string;
  readonly botId: number;
  readonly person: User;
  readonly chat: Message['chat'];
  readonly messages: readonly Message[];
  /** The command menu that Telegram shows here, for this person. */
  readonly commands: readonly BotCommand[];
  /** The bot's keyboard in place of the person's own. */
  readonly keyboard?: ReplyKeyboardMarkup;
  /** The message that the next one replies to, because the bot has asked for it. */
  readonly forcedReplyTo?: number;
  /** `typing`, `upload_photo` and so on, for a few seconds. */
  readonly chatAction?: string;
  readonly pinnedMessageId?: number;
  /** To the messages above: those of people, and those of the bot. */
  readonly reactions: readonly ReactionView[];
  /** The person's own, in the polls of the messages above. */
  readonly votes: readonly VoteView[];
  /** What the bot is still writing (sendMessageDraft). */
  readonly draft?: { readonly text: string; readonly entities: readonly MessageEntity[] };
  readonly isBlocked: boolean;
}

export interface VoteView {
  readonly messageId: number;
  /** Positions of the options. */
  readonly options: readonly number[];
}

export interface ReactionView {
  readonly messageId: number;
  readonly userId: number;
  readonly emoji: string;
}

/** The reason why the saved files do not run. The app runs as before. */
export interface Problem {
  readonly kind: 'build' | 'synthesis' | 'deploy' | 'types';
  readonly title: string;
  /** Several lines, for a monospaced font. */
  readonly text: string;
}

export type Action =
  | {
      readonly do: 'send';
      readonly placeId: string;
      readonly text: string;
      readonly replyTo?: number;
    }
  | {
      readonly do: 'send file';
      readonly placeId: string;
      readonly kind: 'photo' | 'document' | 'voice' | 'video' | 'audio' | 'sticker';
      readonly name: string;
      readonly mimeType: string;
      /** The content. */
      readonly base64: string;
      readonly caption?: string;
    }
  | {
      readonly do: 'edit';
      readonly placeId: string;
      readonly messageId: number;
      readonly text: string;
    }
  | { readonly do: 'delete'; readonly placeId: string; readonly messageId: number }
  /** Presses a button of a message by its position, or one of the keyboard without `messageId`. */
  | {
      readonly do: 'press';
      readonly placeId: string;
      readonly messageId?: number;
      readonly row: number;
      readonly column: number;
    }
  | {
      readonly do: 'react';
      readonly placeId: string;
      readonly messageId: number;
      /** Empty takes the reaction back. */
      readonly emoji: string;
    }
  | {
      readonly do: 'vote';
      readonly placeId: string;
      readonly messageId: number;
      /** Positions of the options. None takes the vote back. */
      readonly options: readonly number[];
    }
  | { readonly do: 'block' | 'unblock'; readonly placeId: string }
  /** Opens the private chat of a person, who is created on the first time. */
  | { readonly do: 'open person'; readonly botId: number; readonly firstName: string }
  /** Creates a group with the bot and the person in it, or lets the person join the one with this title. */
  | {
      readonly do: 'open group';
      readonly botId: number;
      readonly title: string;
      readonly firstName: string;
    }
  /** Delivers an earlier update, or any other, as a new one: it gets the next `update_id`. */
  | {
      readonly do: 'send update';
      readonly botId: number;
      readonly update: Omit<Update, 'update_id'>;
    }
  | { readonly do: 'retry'; readonly botId: number }
  | { readonly do: 'drop'; readonly botId: number; readonly updateId: number }
  | { readonly do: 'redrive'; readonly botId: number }
  /** The next call of this method fails with Telegram's words for this code. */
  | {
      readonly do: 'add fault';
      readonly botId: number;
      readonly method: string;
      readonly code: FaultCode;
    }
  | { readonly do: 'clear faults'; readonly botId: number }
  /** Breaks what the watch then finds, or fixes the secret by hand. */
  | {
      readonly do:
        | 'delete webhook'
        | 'set foreign webhook'
        | 'revoke token'
        | 'store new token'
        | 'run watch'
        | 'diagnose';
      readonly botId: number;
    };

/** Actions that change the local Telegram alone. In live mode, the page does not offer them and the server refuses them. */
export const LOCAL_ACTIONS: readonly Action['do'][] = [
  'send update',
  'add fault',
  'delete webhook',
  'set foreign webhook',
  'revoke token',
  'store new token',
];

export type ActionResult =
  | {
      readonly ok: true;
      /** Where the person is now, after `open person` and `open group`. */
      readonly placeId?: string;
      /** The URL or text that a pressed button shows, or why the bot gets no update of the action. */
      readonly notice?: string;
    }
  /** A sentence that says what to do. */
  | { readonly ok: false; readonly error: string };
