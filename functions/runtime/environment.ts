import type { UserFromGetMe } from '@grammyjs/types';
import { Environment } from '../contract.ts';

/** The bot as `getMe` described it at the last deploy: id, username, what it may do. No call is made. */
export function botInfo(): UserFromGetMe {
  return JSON.parse(requireEnv(Environment.botInfo));
}

/** Root of the Bot API without a trailing slash. Differs from Telegram's for a self-hosted server. */
export function apiRoot(): string {
  return requireEnv(Environment.apiRoot);
}

/** @throws when the variable is missing or empty. */
export function requireEnv(name: (typeof Environment)[keyof typeof Environment]): string {
  const value = process.env[name];
  if (!value) {
    throw new Error(
      `${name} is not set. The stack sets it when it deploys the receiver; elsewhere, set it yourself.`,
    );
  }
  return value;
}
