import type { UserFromGetMe } from '@grammyjs/types';
import { expect } from 'vitest';
import { ResourceType, type WebhookProperties } from '../../../functions/contract.ts';
import type { InvocationResult } from '../../../functions/registrar/bot/readiness.ts';
import type { Create, Delete, ResourceEvent, Update } from '../../../functions/registrar/event.ts';
import { handleEvent } from '../../../functions/registrar/handler.ts';
import type { RetryClock } from '../../../functions/registrar/retry/retry.ts';
import type {
  AnyMethod,
  RequestContext,
  Services,
  WebhookApi,
} from '../../../functions/registrar/services.ts';
import type { TokenSource } from '../../../functions/registrar/token-reader.ts';
import { deriveWebhookSecrets } from '../../../functions/registrar/webhook/derive-secrets.ts';
import { parseWebhookProperties } from '../../../functions/registrar/webhook/parameters.ts';
import type { ProbeTarget } from '../../../functions/registrar/webhook/probe.ts';
import {
  type PreviousRegistration,
  registerWebhook,
} from '../../../functions/registrar/webhook/register.ts';
import type { BotApiAddress } from '../../../functions/telegram/client.ts';
import {
  TelegramRefusedError,
  TelegramUnreachableError,
} from '../../../functions/telegram/errors.ts';
import type { CurrentWebhook } from '../../../functions/telegram/results.ts';
import { fakeToken } from '../../sandbox/index.ts';

/** Moves its time forward instead of sleeping, and records every wait. */
export class FakeClock implements RetryClock {
  time = Date.UTC(2026, 0, 1);
  readonly waits: number[] = [];
  /** The value of `random`: it makes every wait the longest, unless a test changes it. */
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
 * How a call fails: with an error instead of the call, or `lost`, when Telegram executes the call and the
 * response does not arrive. `undefined` lets the call through.
 */
export type FakeFault = Error | 'lost' | undefined;

/** Telegram, reduced to the webhook of one bot. */
export class FakeTelegram implements WebhookApi, AnyMethod {
  /** The URL of the webhook; empty when there is none. */
  url = '';
  /** The answer of getMe. */
  me: object = me;
  /** How many updates Telegram holds. */
  pending = 3;
  /** The methods that were called, in order. */
  readonly methods: Method[] = [];
  /** The parameters of every setWebhook that had an effect. */
  readonly set: SetWebhook[] = [];
  /** For each method, the faults of its next calls, or a function that decides at each call. */
  faults: { [M in Method]?: FakeFault[] | ((parameters?: SetWebhook) => FakeFault) } = {};
  /** Runs just after each setWebhook that had an effect. */
  afterSetWebhook: () => void = () => {};
  readonly #clock: FakeClock;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  getMe(): Promise<UserFromGetMe> {
    return this.#call('getMe', () => this.me as UserFromGetMe);
  }

  getWebhookInfo(): Promise<CurrentWebhook> {
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

  /** Any other method, for a test to replace. */
  call: AnyMethod['call'] = () => Promise.reject(new Error('The test expects no other method'));

  async #call<T>(method: Method, act: () => T, parameters?: SetWebhook): Promise<T> {
    this.methods.push(method);
    const faults = this.faults[method];
    const fault = typeof faults === 'function' ? faults(parameters) : faults?.shift();
    // Telegram erases the old webhook before it validates the new one.
    if (parameters && fault instanceof TelegramRefusedError && fault.code === 400) this.url = '';
    if (fault instanceof TelegramUnreachableError) this.#clock.time += 10_000;
    if (fault instanceof Error) throw fault;
    const result = act();
    if (method === 'setWebhook') this.afterSetWebhook();
    if (fault === 'lost') throw unreachable(method);
    return result;
  }
}

export const me = { id: 7000000001, is_bot: true, first_name: 'Test', username: 'test_bot' };

export const unreachable = (method = 'getMe') =>
  new TelegramUnreachableError(method, 'connection lost');
export const refusedWith = (code: number, description: string, retryAfter?: number) =>
  new TelegramRefusedError('setWebhook', code, description, { retryAfter });

/** Makes services in which everything works until a test breaks it. */
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
    /** The Bot APIs that were called. */
    addresses: [] as BotApiAddress[],
    /** Returns the HTTP status that answers the probe, or throws. */
    endpoint: (): number | Promise<number> => 200,
    /** Answers the invocation of the bot behind the queue, or throws. */
    bot: (): InvocationResult => ({ payload: { batchItemFailures: [] } }),
    invocations: [] as { functionArn: string; event: object }[],
    /** Returns the stack's status, or throws. */
    status: () => 'UPDATE_IN_PROGRESS',
    /** When the stack's last update began. */
    updatedAt: Date.UTC(2025, 11, 31),
    /** Where tokens were read, and as whom. */
    sources: [] as TokenSource[],
    /** Returns the token when it is read, or throws. */
    secret: (): string => fakes.token,
  };
  const services: Services = {
    readToken: async ({ tokenSecret, tokenReader }) => {
      fakes.sources.push({ tokenSecret, tokenReader });
      return fakes.secret();
    },
    botApi: (_token, address) => {
      fakes.addresses.push(address);
      return telegram;
    },
    post: async (target) => {
      probes.push(target);
      return fakes.endpoint();
    },
    invoke: async (functionArn, event) => {
      fakes.invocations.push({ functionArn, event });
      return fakes.bot();
    },
    describeStack: async () => ({ status: fakes.status(), updatedAt: fakes.updatedAt }),
    getObject: async () => new Uint8Array(),
    rations: new Map(),
    clock,
    log: { info: write('info'), warn: write('warn'), error: write('error') },
  };
  return Object.assign(fakes, {
    services,
    context: ({ isRollback = false } = {}): RequestContext => ({
      ...services,
      isRollback,
      deadline: clock.now() + 11.5 * 60_000,
    }),
  });
}

export type Fakes = ReturnType<typeof makeFakes>;

export const stackId =
  'arn:aws:cloudformation:us-east-1:123456789012:stack/bot-dev/11111111-2222-3333-4444-555555555555';

export const properties: WebhookProperties = {
  TokenSecret: 'telegram/dev/bot-token',
  ApiRoot: 'https://api.telegram.org',
  Address: 'c8a1b2c3d4e5f60718293a4b5c6d7e8f9012345678',
  Username: 'test_bot',
  Endpoint: 'https://abc123.execute-api.us-east-1.amazonaws.com',
  AllowedUpdates: [],
  MaxConnections: '40',
  DropPendingUpdates: 'false',
  ExistingWebhook: 'replace',
};

/** Returns the URL that these properties register with this token. */
export function urlOf(token: string, { Endpoint, Address } = properties): string {
  return `${Endpoint}/${deriveWebhookSecrets(token, { stackId, address: Address }).path}`;
}

export const botId = '7000000001';
/** A webhook of another owner. */
export const foreignUrl = 'https://old.example/their-secret-path';
/** The previous registration when an update keeps its bot. */
export const sameBot = { botId, endpoint: properties.Endpoint, isChanged: false };

/** Registers on a create, or on an update of the `previous` registration. */
export async function register(
  fakes: Fakes,
  changes: Partial<WebhookProperties> = {},
  previous?: PreviousRegistration,
  circumstances?: { isRollback: boolean },
) {
  const event = createEvent(ResourceType.webhook, { ...properties, ...changes });
  const context = fakes.context(circumstances);
  return registerWebhook(parseWebhookProperties(event), previous, context);
}

const event = { StackId: stackId, LogicalResourceId: 'BotRegistration1A2B3C4D' };

export function createEvent(type: string, ResourceProperties: object = properties): Create {
  return {
    ...event,
    RequestType: 'Create',
    RequestId: '0000-1',
    ResourceType: type,
    ResourceProperties: { ...ResourceProperties },
  };
}

export function updateEvent(
  type: string,
  botId = '7000000001',
  ResourceProperties: object = properties,
  OldResourceProperties: object = properties,
): Update {
  return {
    ...createEvent(type, ResourceProperties),
    RequestType: 'Update',
    PhysicalResourceId: botId,
    OldResourceProperties: { ...OldResourceProperties },
  };
}

export function deleteEvent(
  type: string,
  botId = '7000000001',
  ResourceProperties: object = properties,
): Delete {
  return {
    ...createEvent(type, ResourceProperties),
    RequestType: 'Delete',
    PhysicalResourceId: botId,
  };
}

/** How long Lambda gives the registrar. */
export const TWELVE_MINUTES = 12 * 60_000;

/** Handles an event within the time that Lambda gives it. */
export function handle(fakes: Fakes, event: ResourceEvent) {
  return handleEvent(event, TWELVE_MINUTES, fakes.services);
}

/** Handles an event that must fail, and returns the error. */
export async function failureOf(fakes: Fakes, event: ResourceEvent): Promise<Error> {
  return handle(fakes, event).then(
    () => expect.unreachable('the event was handled'),
    (error: Error) => error,
  );
}
