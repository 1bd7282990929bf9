import type { BotApi } from '../telegram/client.ts';
import type { invoke } from './bot/invoke.ts';
import type { RetryClock, RetryOptions } from './retry/retry.ts';
import type { postUpdate } from './webhook/post-update.ts';

/** What the registrar reaches the world with; the same for every event. */
export interface Services {
  /** @throws TokenUnavailable */
  readonly readToken: (secretId: string) => Promise<string>;
  readonly botApi: (token: string, apiRoot: string) => WebhookApi;
  readonly post: typeof postUpdate;
  readonly invoke: typeof invoke;
  readonly clock: RetryClock;
  /** One object a line. Facts alone: neither bodies nor events, which may hold secrets. */
  readonly log: Pick<Console, 'info' | 'warn' | 'error'>;
}

export type WebhookApi = Pick<BotApi, 'getMe' | 'getWebhookInfo' | 'setWebhook'>;

/** The services, and the time that there is for one event. */
export interface RequestContext extends Services, Omit<RetryOptions, 'policy'> {}
