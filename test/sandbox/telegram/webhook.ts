import type { WebhookInfo } from '@grammyjs/types';
import {
  type BotApiAnswer,
  BotApiError,
  badRequest,
  succeed,
  tooManyRequests,
} from './bot-api-error.ts';
import { DeliveryLoop, type DeliveryLoopOptions, type WaitingUpdate } from './delivery.ts';
import type { Parameters } from './parameters.ts';
import type { PendingUpdate } from './pending-updates.ts';
import type { Resolver } from './resolver.ts';
import {
  DEFAULT_UPDATE_TYPES,
  type EmulatedUpdateType,
  parseAllowedUpdates,
} from './update-types.ts';
import {
  parseWebhookUrl,
  problemOfAddress,
  problemOfIp,
  type WebhookAddress,
} from './webhook-address.ts';

const MAX_CERTIFICATE_BYTES = 3 * 1024 * 1024;

/** Everything Telegram holds about a webhook, including what it never reveals. */
export interface WebhookState {
  readonly url: string;
  readonly maxConnections: number;
  /** Empty when there is no secret. */
  readonly secretToken: string;
  /** The address given by the caller; undefined when it comes from DNS. */
  readonly fixedIp: string | undefined;
  /** The PEM file as it was uploaded. */
  readonly certificate: Buffer | undefined;
  /** The address Telegram connects to; undefined until the host has been looked up. */
  readonly ipAddress: string | undefined;
  readonly lastError: { readonly date: number; readonly message: string } | undefined;
  /** Undefined for Telegram's default set. */
  readonly allowedUpdates: readonly EmulatedUpdateType[] | undefined;
}

type Settings = Pick<
  WebhookState,
  'url' | 'maxConnections' | 'secretToken' | 'fixedIp' | 'certificate'
>;

type Current = Omit<WebhookState, 'allowedUpdates'>;

export interface WebhookOptions
  extends Omit<DeliveryLoopOptions, 'destination' | 'maxConnections' | 'onGone'> {
  readonly resolver: Resolver;
}

/**
 * The webhook of a token. Sets, removes and shows it step by step as Telegram's server does
 * (telegram-bot-api, Client.cpp).
 */
export class Webhook {
  /** Called when the webhook is about to be set, which ends long polling. */
  onSet?: () => void;
  private readonly options: WebhookOptions;
  private current: Current | undefined;
  private delivery: DeliveryLoop | undefined;
  private allowed = DEFAULT_UPDATE_TYPES;
  private nextSetAt = 0;
  /** Refuses the setWebhook call that is still waiting for its lookup. */
  private supersede: ((conflict: BotApiError) => void) | undefined;

  constructor(options: WebhookOptions) {
    this.options = options;
  }

  get state(): WebhookState | undefined {
    return this.current && { ...this.current, allowedUpdates: this.namedUpdates };
  }

  /** The update types to deliver. They outlive the webhook: removing or replacing it keeps them. */
  get allowedUpdates(): ReadonlySet<EmulatedUpdateType> {
    return this.allowed;
  }

  deliver(pending: PendingUpdate): void {
    this.delivery?.add(pending);
  }

  /** Returns the updates that are not delivered yet; none without a webhook. */
  waiting(): WaitingUpdate[] {
    return this.delivery?.waiting() ?? [];
  }

  /** Starts the next attempt of every update that waits for one. */
  retry(): void {
    this.delivery?.retry();
  }

  /** Drops an update. @returns whether it was waiting */
  drop(updateId: number): boolean {
    return this.delivery?.drop(updateId) ?? false;
  }

  async set(parameters: Parameters): Promise<BotApiAnswer> {
    const url = parameters.text('url');
    if (url === '') return this.remove(parameters);
    this.throttle();

    const wanted = readSettings(parameters);
    const drop = parameters.flag('drop_pending_updates');
    const hasCertificate =
      wanted.certificate !== undefined || parameters.text('certificate') !== '';
    if (!this.supersede && !drop && !hasCertificate && this.isCurrent(wanted)) {
      this.keepAllowedUpdates(parameters);
      return succeed(true, 'Webhook is already set');
    }

    this.onSet?.();
    // The trap: the old webhook is erased before the new one is validated (telegram-bot-api, Client.cpp).
    void this.close();
    if (drop) this.options.pending.clear();
    const address = validate(wanted);
    this.keepAllowedUpdates(parameters);
    await this.open(wanted, address);
    return succeed(true, 'Webhook was set');
  }

  remove(parameters: Parameters): BotApiAnswer {
    const drop = parameters.flag('drop_pending_updates');
    if (!this.current && !drop) {
      this.keepAllowedUpdates(parameters);
      return succeed(true, 'Webhook is already deleted');
    }
    const removed = this.current !== undefined;
    void this.close();
    if (drop) this.options.pending.clear();
    return succeed(true, removed ? 'Webhook was deleted' : 'Webhook is already deleted');
  }

  /** Returns exactly what Telegram shows, which never includes the secret. */
  info(): WebhookInfo {
    const { current, namedUpdates } = this;
    return {
      url: current?.url ?? '',
      has_custom_certificate: current?.certificate !== undefined,
      pending_update_count: this.options.pending.size,
      ...(current?.lastError && {
        last_error_date: current.lastError.date,
        last_error_message: current.lastError.message,
      }),
      ...(current && { max_connections: current.maxConnections }),
      ...(current?.ipAddress && { ip_address: current.ipAddress }),
      ...(namedUpdates && { allowed_updates: namedUpdates }),
    };
  }

  /** Keeps the previous choice when the parameter is missing or broken. */
  keepAllowedUpdates(parameters: Parameters): void {
    this.allowed = parseAllowedUpdates(parameters.text('allowed_updates')) ?? this.allowed;
  }

  /** Forgets the webhook and aborts its deliveries; resolves when none is in flight. */
  async close(): Promise<void> {
    this.supersede?.(new BotApiError(409, 'Conflict: terminated by other setWebhook'));
    const { delivery } = this;
    this.current = undefined;
    this.delivery = undefined;
    await delivery?.stop();
  }

  private throttle(): void {
    const now = this.options.clock.now();
    if (now < this.nextSetAt) throw tooManyRequests(1);
    this.nextSetAt = now + 1000;
  }

  private isCurrent(wanted: Settings): boolean {
    const { current } = this;
    return (
      current !== undefined &&
      current.url === wanted.url &&
      current.maxConnections === wanted.maxConnections &&
      current.secretToken === wanted.secretToken &&
      current.fixedIp === wanted.fixedIp &&
      !current.certificate
    );
  }

  private get namedUpdates(): EmulatedUpdateType[] | undefined {
    return this.allowed === DEFAULT_UPDATE_TYPES ? undefined : [...this.allowed];
  }

  private async open(wanted: Settings, address: WebhookAddress): Promise<void> {
    const unverified: Current = { ...wanted, ipAddress: wanted.fixedIp, lastError: undefined };
    this.current = unverified;
    try {
      refuse(problemOfAddress(address));
      const ipAddress = wanted.fixedIp ?? (await this.lookUp(address.host));
      refuse(problemOfIp(ipAddress));
      this.current = { ...unverified, ipAddress };
    } catch (error) {
      // Superseded: the current webhook is another call's.
      if (error instanceof BotApiError) throw error;
      void this.close();
      throw badRequest(`bad webhook: ${(error as Error).message}`);
    }
    this.startDelivery(wanted, address);
  }

  private async lookUp(host: string): Promise<string> {
    let supersede: ((conflict: BotApiError) => void) | undefined;
    const superseded = new Promise<never>((_, reject) => {
      supersede = reject;
    });
    this.supersede = supersede;
    try {
      return await Promise.race([superseded, this.options.resolver.resolve(host)]);
    } finally {
      if (this.supersede === supersede) this.supersede = undefined;
    }
  }

  private startDelivery(wanted: Settings, address: WebhookAddress): void {
    this.delivery = new DeliveryLoop({
      ...this.options,
      destination: {
        address,
        secretToken: wanted.secretToken,
        certificate: wanted.certificate,
      },
      maxConnections: wanted.maxConnections,
      onAttempt: (attempt) => {
        if (attempt.problem) this.noteError(attempt.problem);
        this.options.onAttempt(attempt);
      },
      onGone: () => void this.close(),
    });
  }

  private noteError(message: string): void {
    if (!this.current) return;
    const date = Math.floor(this.options.clock.now() / 1000);
    this.current = { ...this.current, lastError: { date, message } };
  }
}

function refuse(problem: string | undefined): void {
  if (problem) throw new Error(problem);
}

function readSettings(parameters: Parameters): Settings {
  return {
    url: parameters.text('url'),
    maxConnections: parameters.integer('max_connections', { default: 40, min: 1, max: 100 }),
    secretToken: parameters.text('secret_token'),
    fixedIp: parameters.text('ip_address') || undefined,
    certificate: parameters.file('certificate'),
  };
}

/** Checks what Telegram checks before it tries to reach the host. Scheme, port and IP come later. */
function validate(wanted: Settings): WebhookAddress {
  const address = parseWebhookUrl(wanted.url);
  if (!address) throw badRequest('invalid webhook URL specified');
  if (wanted.secretToken.length > 256) throw badRequest('secret token is too long');
  if (!/^[\w-]*$/.test(wanted.secretToken)) {
    throw badRequest('secret token contains unallowed characters');
  }
  const size = wanted.certificate?.length ?? 0;
  if (size > MAX_CERTIFICATE_BYTES) {
    throw badRequest(`certificate size is too big (${size} bytes)`);
  }
  return address;
}
