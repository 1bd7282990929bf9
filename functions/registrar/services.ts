import type { BotApi, BotApiAddress } from '../telegram/client.ts';
import type { invoke } from './bot/readiness.ts';
import type { getObject } from './profile/get-object.ts';
import { tokenRetryPolicy } from './retry/policy.ts';
import { type RetryClock, type RetryOptions, retry } from './retry/retry.ts';
import type { describeStack } from './stack.ts';
import type { TokenSource } from './token-reader.ts';
import type { postUpdate } from './webhook/probe.ts';

/** Everything outside the process that the registrar uses; the same for every event. */
export interface Services {
  /** @throws TokenUnavailableError */
  readonly readToken: (source: TokenSource) => Promise<string>;
  readonly botApi: (token: string, address: BotApiAddress) => WebhookApi & AnyMethod;
  readonly post: typeof postUpdate;
  readonly invoke: typeof invoke;
  readonly describeStack: typeof describeStack;
  /** Reads an object from S3. */
  readonly getObject: typeof getObject;
  /** Until when Telegram refuses a method of a bot, in milliseconds since the epoch: `rationKey` makes the keys. */
  readonly rations: Map<string, number>;
  readonly clock: RetryClock;
  /** Writes one object per line. Facts only: neither bodies nor events, which may hold secrets. */
  readonly log: Pick<Console, 'info' | 'warn' | 'error'>;
}

/** The methods that the client has no function of its own for. */
export type AnyMethod = Pick<BotApi, 'call'>;

export type WebhookApi = Pick<BotApi, 'getMe' | 'getWebhookInfo' | 'setWebhook'>;

/** The services, and the circumstances of one event. */
export interface RequestContext extends Services, Omit<RetryOptions, 'policy'> {
  /** Whether CloudFormation restores the previous state of the stack. */
  readonly isRollback: boolean;
}

/**
 * Reads the bot token, and retries failures that can pass without a change.
 *
 * @throws TokenUnavailableError
 */
export function readToken(source: TokenSource, context: RequestContext): Promise<string> {
  return retry(() => context.readToken(source), { ...context, policy: tokenRetryPolicy });
}
