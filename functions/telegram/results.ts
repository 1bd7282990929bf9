import type { UserFromGetMe, WebhookInfo } from '@grammyjs/types';
import { TelegramUnreachableError } from './errors.ts';

/*
 * Checks of the results that the kit acts on. Only a server that is not Telegram's returns anything else, and
 * then nothing is known: an object without a `url` must not count as "no webhook".
 */

/**
 * Checks that a result of getMe is the token's bot, with a name that is safe to print.
 *
 * @throws TelegramUnreachableError
 */
export function checkBot(result: unknown, token: string): UserFromGetMe {
  const { id, username } = fieldsOf<UserFromGetMe>(result);
  const isBot = typeof id === 'number' && token.startsWith(`${id}:`);
  if (isBot && typeof username === 'string' && /^\w{1,64}$/.test(username)) {
    return result as UserFromGetMe;
  }
  throw unexpected('getMe', "the token's bot");
}

/** What getWebhookInfo returns. The URL is empty when there is no webhook. */
export type CurrentWebhook = WebhookInfo & { readonly url: string };

/** @throws TelegramUnreachableError when a result of getWebhookInfo has no URL, not even an empty one */
export function checkWebhook(result: unknown): CurrentWebhook {
  if (typeof fieldsOf<WebhookInfo>(result).url === 'string') return result as CurrentWebhook;
  throw unexpected('getWebhookInfo', 'a webhook');
}

/** @throws TelegramUnreachableError when a result of setWebhook is not `true` */
export function checkConfirmation(result: unknown, method = 'setWebhook'): true {
  if (result === true) return result;
  throw unexpected(method, 'a confirmation');
}

function fieldsOf<T>(result: unknown): { readonly [K in keyof T]?: unknown } {
  return typeof result === 'object' && result !== null ? result : {};
}

function unexpected(method: string, expected: string): TelegramUnreachableError {
  return new TelegramUnreachableError(method, `the answer is JSON that is not ${expected}`);
}
