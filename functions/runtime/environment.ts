import type { UserFromGetMe } from '@grammyjs/types';
import { Environment, type TelegramEnvironment } from '../contract.ts';

/**
 * Returns the bot as `getMe` described it at the last deploy: id, username, what it may do. Makes no call.
 * Returns undefined after a rollback during which Telegram did not answer; frameworks then call `getMe` themselves.
 */
export function botInfo(): UserFromGetMe | undefined {
  return process.env[Environment.botInfo] === ''
    ? undefined
    : JSON.parse(requireEnv(Environment.botInfo));
}

/** Returns the root of the Bot API, without a trailing slash. A self-hosted server has its own. */
export function apiRoot(): string {
  return requireEnv(Environment.apiRoot);
}

/** Returns the environment of Telegram that the bot lives in: grammY's `client.environment`. */
export function telegramEnvironment(): TelegramEnvironment {
  return process.env[Environment.telegramEnvironment] === 'test' ? 'test' : 'prod';
}

/**
 * Reads an environment variable that the stack sets.
 *
 * @throws Error when the variable is missing or empty
 */
export function requireEnv(name: (typeof Environment)[keyof typeof Environment]): string {
  const value = process.env[name];
  if (!value) {
    throw new Error(
      `${name} is not set. The stack sets it for the functions that it deploys; elsewhere, set it yourself.`,
    );
  }
  return value;
}
