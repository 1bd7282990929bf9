import type { UserFromGetMe, WebhookInfo } from '@grammyjs/types';
import { ResourceType, type WebhookProperties } from '../../../functions/contract.ts';
import type { InvocationResult } from '../../../functions/registrar/bot/readiness.ts';
import type { Create, Delete, Update } from '../../../functions/registrar/event.ts';
import type { RetryClock } from '../../../functions/registrar/retry/retry.ts';
import type {
  RequestContext,
  Services,
  WebhookApi,
} from '../../../functions/registrar/services.ts';
import { deriveWebhookSecrets } from '../../../functions/registrar/webhook/derive-secrets.ts';
import { parseWebhookProperties } from '../../../functions/registrar/webhook/parameters.ts';
import type { ProbeTarget } from '../../../functions/registrar/webhook/probe.ts';
import {
  type PreviousRegistration,
  registerWebhook,
} from '../../../functions/registrar/webhook/register.ts';
import {
  TelegramRefusedError,
  TelegramUnreachableError,
} from '../../../functions/telegram/errors.ts';
import { fakeToken } from '../../sandbox/index.ts';

/** Sleeps no time at all, and remembers how long it would have been. */
export class FakeClock implements RetryClock {
  time = Date.UTC(2026, 0, 1);
  readonly waits: number[] = [];
  /** What `random` answers: the longest waits, unless a test says otherwise. */
  chance = 0.999_999;

  now(): number {
    return this.time;
  }

  async sleep(ms: number): Promise<void> {
    this.waits.push(ms);
    this.time += ms;
  }

  random(): number {
    return this.chance;
  }

  get slept(): number {
    return this.waits.reduce((sum, wait) => sum + wait, 0);
  }
}

type Method = keyof WebhookApi;
type SetWebhook = Parameters<WebhookApi['setWebhook']>[0];

/**
 * What befalls a call: an error in its place, or `lost`, when Telegram acts and the answer does not arrive.
 * A function decides anew for each call, and `undefined` lets the call through.
 */
export type FakeFault = Error | 'lost' | undefined;

/** Telegram, as far as one bot's webhook goes. */
export class FakeTelegram implements WebhookApi {
  /** Where the bot delivers; empty for nowhere. */
  url = '';
  /** How many updates wait. */
  pending = 3;
  /** What was called, in order. */
  readonly methods: Method[] = [];
  /** The parameters of every setWebhook that had an effect. */
  readonly set: SetWebhook[] = [];
  /** The faults to come, for each method; or one for all calls of a method. */
  faults: { [M in Method]?: FakeFault[] | ((parameters?: SetWebhook) => FakeFault) } = {};
  /** Happens just after each call that had an effect. */
  afterwards: () => void = () => {};
  readonly #clock: FakeClock;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  getMe(): Promise<UserFromGetMe> {
    return this.#call('getMe', () => me as UserFromGetMe);
  }

  getWebhookInfo(): Promise<WebhookInfo> {
    return this.#call('getWebhookInfo', () => ({
      url: this.url,
      has_custom_certificate: false,
      pending_update_count: this.pending,
    }));
  }

  setWebhook(parameters: SetWebhook): Promise<true> {
    const act = () => {
      this.set.push(parameters);
      this.url = parameters.url;
      if (parameters.drop_pending_updates) this.pending = 0;
      return true as const;
    };
    return this.#call('setWebhook', act, parameters);
  }

  async #call<T>(method: Method, act: () => T, parameters?: SetWebhook): Promise<T> {
    this.methods.push(method);
    const faults = this.faults[method];
    const fault = typeof faults === 'function' ? faults(parameters) : faults?.shift();
    // Telegram erases the old webhook before it looks at the new one.
    if (parameters && fault instanceof TelegramRefusedError && fault.code === 400) this.url = '';
    if (fault instanceof TelegramUnreachableError) this.#clock.time += 10_000;
    if (fault instanceof Error) throw fault;
    const result = act();
    if (method === 'setWebhook') this.afterwards();
    if (fault === 'lost') throw unreachable(method);
    return result;
  }
}

export const me = { id: 7000000001, is_bot: true, first_name: 'Test', username: 'test_bot' };

export const unreachable = (method = 'getMe') =>
  new TelegramUnreachableError(method, 'connection lost');
export const refusedWith = (code: number, description: string, retryAfter?: number) =>
  new TelegramRefusedError('setWebhook', code, description, { retryAfter });

/** Services in which everything works, until a test breaks it. */
export function makeFakes() {
  const clock = new FakeClock();
  const telegram = new FakeTelegram(clock);
  const lines: { level: string; facts: Record<string, unknown> }[] = [];
  const probes: ProbeTarget[] = [];
  const write = (level: string) => (facts: Record<string, unknown>) => {
    lines.push({ level, facts });
  };
  const fakes = {
    clock,
    telegram,
    lines,
    probes,
    token: fakeToken(),
    /** Answers the probe: an HTTP status, or a throw. */
    endpoint: (): number => 200,
    /** Answers the invocation of the bot behind the queue, or throws. */
    bot: (): InvocationResult => ({ payload: { batchItemFailures: [] } }),
    invocations: [] as { functionArn: string; event: object }[],
    /** Happens instead of reading the token. */
    secret: (): string => fakes.token,
  };
  const services: Services = {
    readToken: async () => fakes.secret(),
    botApi: () => telegram,
    post: async (destination) => {
      probes.push(destination);
      return fakes.endpoint();
    },
    invoke: async (functionArn, event) => {
      fakes.invocations.push({ functionArn, event });
      return fakes.bot();
    },
    clock,
    log: { info: write('info'), warn: write('warn'), error: write('error') },
  };
  return Object.assign(fakes, {
    services,
    context: (): RequestContext => ({ ...services, deadline: clock.now() + 11.5 * 60_000 }),
  });
}

export type Fakes = ReturnType<typeof makeFakes>;

export const stackId =
  'arn:aws:cloudformation:us-east-1:123456789012:stack/bot-dev/11111111-2222-3333-4444-555555555555';

export const properties: WebhookProperties = {
  TokenSecret: 'telegram/dev/bot-token',
  ApiRoot: 'https://api.telegram.org',
  Address: 'c8a1b2c3d4e5f60718293a4b5c6d7e8f9012345678',
  Endpoint: 'https://abc123.execute-api.us-east-1.amazonaws.com',
  AllowedUpdates: [],
  MaxConnections: '40',
  DropPendingUpdates: 'false',
  ExistingWebhook: 'replace',
};

/** The URL that these properties register with this token. */
export function urlOf(token: string, { Endpoint, Address } = properties): string {
  return `${Endpoint}/${deriveWebhookSecrets(token, { stackId, address: Address }).path}`;
}

export const botId = '7000000001';
/** Somebody else's webhook. */
export const elsewhere = 'https://old.example/their-secret-path';
/** As an update finds the registration of the same bot. */
export const sameBot = { botId, endpoint: properties.Endpoint };

/** Registers on a create, or on an update of the `previous` registration. */
export async function register(
  fakes: Fakes,
  changes: Partial<WebhookProperties> = {},
  previous?: PreviousRegistration,
) {
  const event = create(ResourceType.webhook, { ...properties, ...changes });
  return registerWebhook(parseWebhookProperties(event), previous, fakes.context());
}

const event = { StackId: stackId, LogicalResourceId: 'BotRegistration1A2B3C4D' };

export function create(type: string, ResourceProperties: object = properties): Create {
  return {
    ...event,
    RequestType: 'Create',
    RequestId: '0000-1',
    ResourceType: type,
    ResourceProperties: { ...ResourceProperties },
  };
}

export function update(
  type: string,
  botId = '7000000001',
  ResourceProperties: object = properties,
  OldResourceProperties: object = properties,
): Update {
  return {
    ...create(type, ResourceProperties),
    RequestType: 'Update',
    PhysicalResourceId: botId,
    OldResourceProperties: { ...OldResourceProperties },
  };
}

export function deletion(
  type: string,
  botId = '7000000001',
  ResourceProperties: object = properties,
): Delete {
  return { ...create(type, ResourceProperties), RequestType: 'Delete', PhysicalResourceId: botId };
}
