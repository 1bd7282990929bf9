import type { App } from 'aws-cdk-lib';
import type { TelegramEnvironment } from '../functions/contract.ts';

/** The values that `-c key=value` on the command line, or `context` in cdk.json, can set. */
export interface KitContext {
  /** Names the stack: `TelegramBot-<stage>`. */
  readonly stage: string;
  /** Name of the Secrets Manager secret with the bot token. */
  readonly botTokenSecret: string;
  /** Whether the bot runs during Telegram's requests or behind a queue. */
  readonly delivery: 'direct' | 'queued';
  /** Root of a self-hosted Bot API server; absent for Telegram's own. */
  readonly telegramApiRoot?: string;
  /** Telegram's own environment, or its test environment. */
  readonly telegramEnvironment: TelegramEnvironment;
}

/**
 * Reads the context, and fills in the defaults.
 *
 * @throws Error that names the key and what is allowed
 */
export function readContext(app: App): KitContext {
  const stage = text(app, 'stage') ?? 'dev';
  if (!/^[A-Za-z][A-Za-z0-9-]{0,99}$/.test(stage)) {
    throw new Error(
      `Context stage must be 1 to 100 letters, digits and dashes, starting with a letter; got ${stage}`,
    );
  }
  return {
    stage,
    botTokenSecret: botTokenSecret(text(app, 'botTokenSecret') ?? `telegram/${stage}/bot-token`),
    delivery: delivery(text(app, 'delivery') ?? 'direct'),
    telegramApiRoot: text(app, 'telegramApiRoot'),
    telegramEnvironment: telegramEnvironment(text(app, 'telegramEnvironment') ?? 'prod'),
  };
}

function delivery(value: string): KitContext['delivery'] {
  if (value === 'direct' || value === 'queued') return value;
  throw new Error(`Context delivery must be direct or queued, got ${value}`);
}

function telegramEnvironment(value: string): TelegramEnvironment {
  if (value === 'prod' || value === 'test') return value;
  throw new Error(`Context telegramEnvironment must be prod or test, got ${value}`);
}

function text(app: App, key: string): string | undefined {
  const value: unknown = app.node.tryGetContext(key);
  if (value === undefined || (typeof value === 'string' && value !== '')) return value;
  throw new Error(`Context ${key} must be a non-empty string, such as -c ${key}=value`);
}

function botTokenSecret(name: string): string {
  // A bot token is the likeliest mistake, so the value is not shown.
  if (/^\d+:/.test(name)) {
    throw new Error(
      'Context botTokenSecret must be the name of a secret, but looks like the bot token itself: ' +
        'store the token in Secrets Manager and give the name of that secret',
    );
  }
  if (!/^[A-Za-z0-9/_+=.@-]{1,512}$/.test(name)) {
    throw new Error(
      `Context botTokenSecret must be the name of a secret (1 to 512 letters, digits and /_+=.@-), got ${name}`,
    );
  }
  return name;
}
