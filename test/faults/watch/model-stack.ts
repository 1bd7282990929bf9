import {
  ResourceType,
  type WatchEvent,
  type WebhookProperties,
} from '../../../functions/contract.ts';
import type { ResourceEvent } from '../../../functions/registrar/event.ts';
import { handleEvent } from '../../../functions/registrar/handler.ts';
import type { StackSnapshot } from '../../../functions/registrar/stack.ts';
import { handleWatch, type WatchServices } from '../../../functions/registrar/watch/watch.ts';
import {
  deriveWebhookSecrets,
  webhookUrl,
} from '../../../functions/registrar/webhook/derive-secrets.ts';
import { fakeToken } from '../../sandbox/index.ts';
import type { MessageDelays } from './message-delays.ts';
import type { ModelCaller, ModelTelegram } from './model-telegram.ts';

const TWELVE_MINUTES = 12 * 60_000;
const BOT_ID = '7000000001';
export const modelToken = fakeToken(Number(BOT_ID));

/** What a deploy changes. */
export interface StackChange {
  readonly maxConnections: 3 | 40;
  readonly isRenamed: boolean;
  readonly hasNewApi: boolean;
  /** Whether another resource fails after the registration, so that the stack rolls back. */
  readonly fails: boolean;
}

/** A registration as CloudFormation knows it. */
interface Registered {
  readonly properties: WebhookProperties;
  readonly url: string;
}

/** What the model's stacks share. */
export interface ModelAccount {
  readonly telegram: ModelTelegram;
  readonly delays: MessageDelays;
  /** The endpoints that exist: the secrets that they accept, by URL of the webhook. */
  readonly endpoints: Map<string, string>;
}

/** One stack with one bot: CloudFormation's operations, one at a time, and the schedule of the watch. */
export class ModelStack {
  readonly name: string;
  status = '';
  registered?: Registered;
  /** Called when a deploy ends; `isOrphaned` if the webhook that it set could not be undone. */
  onDeployed: (succeeded: boolean, isOrphaned: boolean) => void = () => {};
  private readonly account: ModelAccount;
  private updatedAt = 0;
  private incarnations = 0;
  private stackId = '';
  private apis = 0;
  private names = 0;
  private requests = 0;
  /** The input of the schedule; undefined while there is none. */
  private schedule?: WatchEvent;
  private lastOperation: Promise<void> = Promise.resolve();

  constructor(name: string, account: ModelAccount) {
    this.name = name;
    this.account = account;
  }

  get isSettled(): boolean {
    return /^(CREATE|UPDATE|UPDATE_ROLLBACK)_COMPLETE$/.test(this.status);
  }

  deploy(change: StackChange): Promise<void> {
    return this.inTurn(() => (this.registered ? this.update(change) : this.create(change)));
  }

  destroy(): Promise<void> {
    return this.inTurn(() => this.delete());
  }

  /** The scheduler's next check: it holds the input of this moment, is delivered later, and may then have to wait. */
  async check({ latenessMs, waitMs }: { latenessMs: number; waitMs: number }): Promise<void> {
    const { schedule, account } = this;
    if (!schedule) return;
    const { clock } = account.delays;
    const event = { ...schedule, ScheduledTime: new Date(clock.now()).toISOString() };
    await clock.sleep(latenessMs);
    const receivedAt = clock.now();
    await clock.sleep(waitMs);
    await handleWatch(event, TWELVE_MINUTES - waitMs, this.services('watch'), receivedAt);
  }

  private inTurn(operate: () => Promise<void>): Promise<void> {
    this.lastOperation = this.lastOperation.then(operate);
    return this.lastOperation;
  }

  private async create(change: StackChange): Promise<void> {
    this.incarnations += 1;
    this.stackId = `arn:aws:cloudformation:us-east-1:123456789012:stack/${this.name}/${this.incarnations}`;
    this.begin('CREATE_IN_PROGRESS');
    const created = this.newRegistration({ ...change, isRenamed: true, hasNewApi: true });
    await this.pause();
    const failure = change.fails ? 'the endpoint failed' : await this.send('Create', created);
    if (failure === undefined) {
      this.registered = created;
      this.schedule = this.watchEvent(created);
      this.status = 'CREATE_COMPLETE';
    } else {
      this.status = 'ROLLBACK_IN_PROGRESS';
      this.account.endpoints.delete(created.url);
      this.status = 'ROLLBACK_COMPLETE';
    }
    this.onDeployed(failure === undefined, isOrphaned(failure));
  }

  private async update(change: StackChange): Promise<void> {
    const previous = this.registered as Registered;
    const { endpoints } = this.account;
    this.begin('UPDATE_IN_PROGRESS');
    const next = this.newRegistration(change);
    await this.pause();
    let failure = change.isRenamed
      ? await this.send('Create', next)
      : await this.send('Update', next, previous);
    const isCreated = change.isRenamed && failure === undefined;
    let orphaned = isOrphaned(failure);
    if (failure === undefined && change.fails) failure = 'another resource failed';
    if (failure === undefined) {
      this.registered = next;
      this.schedule = this.watchEvent(next);
      this.status = 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS';
      await this.pause();
      if (change.isRenamed) await this.sendDelete(previous);
      if (previous.url !== next.url) endpoints.delete(previous.url);
      await this.pause();
      this.status = 'UPDATE_COMPLETE';
    } else {
      this.status = 'UPDATE_ROLLBACK_IN_PROGRESS';
      await this.pause();
      const rolledBack = change.isRenamed ? undefined : await this.send('Update', previous, next);
      orphaned ||= isOrphaned(rolledBack);
      this.status = 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS';
      if (isCreated) await this.sendDelete(next);
      if (previous.url !== next.url) endpoints.delete(next.url);
      await this.pause();
      this.status = 'UPDATE_ROLLBACK_COMPLETE';
    }
    this.onDeployed(failure === undefined, orphaned);
  }

  private async delete(): Promise<void> {
    const { registered } = this;
    if (!registered) return;
    this.begin('DELETE_IN_PROGRESS');
    const isScheduleFirst = this.account.delays.random() < 0.5;
    if (isScheduleFirst) this.schedule = undefined;
    await this.pause();
    await this.sendDelete(registered);
    this.schedule = undefined;
    this.account.endpoints.delete(registered.url);
    this.registered = undefined;
    this.status = 'DELETE_COMPLETE';
  }

  private begin(status: string): void {
    this.status = status;
    this.updatedAt = this.account.delays.clock.now();
  }

  private newRegistration({ maxConnections, isRenamed, hasNewApi }: StackChange): Registered {
    if (isRenamed) this.names += 1;
    if (isRenamed || hasNewApi) this.apis += 1;
    const properties: WebhookProperties = {
      TokenSecret: 'telegram/bot-token',
      ApiRoot: 'https://api.telegram.org',
      Address: `address-${this.names}`,
      Username: 'kit_bot',
      Endpoint: `https://${this.name}${this.apis}.execute-api.us-east-1.amazonaws.com`,
      AllowedUpdates: [],
      MaxConnections: String(maxConnections),
      DropPendingUpdates: 'false',
      ExistingWebhook: 'replace',
    };
    const { path, secret } = this.secretsOf(properties);
    const url = webhookUrl(properties.Endpoint, path);
    this.account.endpoints.set(url, secret);
    return { properties, url };
  }

  private secretsOf({ Address: address }: WebhookProperties) {
    return deriveWebhookSecrets(modelToken, { stackId: this.stackId, address });
  }

  private watchEvent({ properties }: Registered): WatchEvent {
    return {
      RequestType: 'Watch',
      Purpose: 'watch',
      Repair: 'true',
      Metric: 'false',
      StackId: this.stackId,
      Bot: `${this.name}/Bot`,
      BotId: BOT_ID,
      WebhookSecretSha256: this.secretsOf(properties).secretSha256,
      ResourceProperties: properties,
    };
  }

  /** @returns why the event failed; undefined if it succeeded */
  private async send(
    RequestType: 'Create' | 'Update',
    { properties }: Registered,
    old?: Registered,
  ): Promise<string | undefined> {
    return this.handle('deploy', {
      ...this.eventBase(properties),
      RequestType,
      ...(old && { PhysicalResourceId: BOT_ID, OldResourceProperties: { ...old.properties } }),
    } as ResourceEvent);
  }

  /** Sends a Delete, again and again as a person does with `cdk destroy`, until it succeeds. */
  private async sendDelete({ properties }: Registered): Promise<void> {
    for (;;) {
      const failure = await this.handle('destroy', {
        ...this.eventBase(properties),
        RequestType: 'Delete',
        PhysicalResourceId: BOT_ID,
      });
      if (failure === undefined) return;
    }
  }

  private eventBase(properties: WebhookProperties) {
    return {
      RequestId: `${this.name}-${++this.requests}`,
      ResourceType: ResourceType.webhook,
      StackId: this.stackId,
      LogicalResourceId: 'Registration',
      ResourceProperties: { ...properties },
    };
  }

  private async handle(
    kind: ModelCaller['kind'],
    event: ResourceEvent,
  ): Promise<string | undefined> {
    await this.pause();
    try {
      await handleEvent(event, TWELVE_MINUTES, this.services(kind));
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  }

  private services(kind: ModelCaller['kind']): WatchServices {
    const { telegram, delays, endpoints } = this.account;
    const { clock, random } = delays;
    const nothing = () => {};
    return {
      readToken: async () => modelToken,
      botApi: () => telegram.api({ kind, stack: this.name }),
      post: async ({ url, secret }) => {
        await clock.sleep(delays.upTo(30_000));
        const accepted = endpoints.get(url.href);
        if (accepted === undefined) return 404;
        return accepted === secret ? 200 : 401;
      },
      invoke: () => Promise.reject(new Error('Nothing in this model invokes a bot')),
      describeStack: (): Promise<StackSnapshot> =>
        delays.call(
          () => ({ status: this.status, updatedAt: this.updatedAt }),
          () => Object.assign(new Error('no answer'), { name: 'TimeoutError' }),
        ),
      getObject: () => Promise.reject(new Error('Nothing in this model has a photo')),
      rations: new Map(),
      clock: { now: () => clock.now(), sleep: (ms) => clock.sleep(ms), random },
      log: { info: nothing, warn: nothing, error: nothing },
      writeMetric: nothing,
    };
  }

  /** CloudFormation is never slower than it has to be. */
  private pause(): Promise<void> {
    const { clock } = this.account.delays;
    return clock.sleep(this.account.delays.upTo(5000));
  }
}

function isOrphaned(reason: string | undefined): boolean {
  return reason?.includes('may be orphaned') ?? false;
}
