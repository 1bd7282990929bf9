import type { Update } from '@grammyjs/types';
import type { Aws } from '../aws/aws.ts';
import type { BatchReport } from '../aws/event-sources/event-source-mapping.ts';
import type { InvocationEvent, Lambda } from '../aws/lambda/lambda.ts';
import type { FifoQueue, QueueEvent } from '../aws/sqs/fifo-queue.ts';
import type { Clock } from '../clock.ts';
import { MAX_ENTRIES } from '../page/protocol.ts';
import { Signal } from '../signal.ts';
import type { AnsweredCall, RecordedCall, StartedCall } from '../telegram/bot-api.ts';
import type { BotUpdate, Telegram } from '../telegram/telegram.ts';
import { botOfFunction, botOfQueue } from '../terminal/bots.ts';
import { updateIn } from '../terminal/in-transit.ts';
import { CallRecord } from './call-record.ts';
import type { InvocationEntry, TimelineEntry, UpdateEntry } from './entries.ts';
import { InvocationRecord } from './invocation-record.ts';
import { pushLatest } from './latest.ts';
import { Scrubber } from './scrubber.ts';
import { keyOf, UpdateRecord } from './update-record.ts';

/** The parts of a sandbox that a timeline listens to. */
export interface TimelineSource {
  readonly clock: Clock;
  readonly telegram: Telegram;
  readonly aws: Pick<Aws<Lambda>, 'lambda' | 'secrets' | 'sqs' | 'eventSources'>;
}

/** An invocation without an update. */
interface LoneRecord {
  readonly key: string;
  readonly entry: InvocationEntry;
}

type EntryRecord = UpdateRecord | LoneRecord;

/** An invocation, and where it is shown. */
interface ShownInvocation {
  readonly requestId: string;
  readonly invocation: InvocationRecord;
  readonly records: readonly EntryRecord[];
  botId: number | undefined;
}

/**
 * What happens to a sandbox's bots, as values for the page and for recordings. While something happens, it only takes
 * notes; the values are made when the current work is over, or when they are read.
 */
export class Timeline {
  /** A new entry, or a changed one, as a whole. */
  readonly changed = new Signal<TimelineEntry>();
  private readonly source: TimelineSource;
  private readonly root: string | undefined;
  private readonly scrubber = new Scrubber();
  private readonly stops: readonly (() => void)[];
  /** By key, the oldest first. */
  private readonly records = new Map<string, EntryRecord>();
  private readonly values = new Map<string, TimelineEntry>();
  /** What has changed since the last `tell`. */
  private readonly stale = new Set<EntryRecord>();
  private readonly staleBots = new Set<number>();
  private readonly staleQueues = new Set<FifoQueue>();
  private telling?: NodeJS.Immediate;
  /** By id of a message in a queue. */
  private readonly messages = new Map<string, UpdateRecord>();
  /** The current or last invocation of each process, by the process's port. The one that began last comes last. */
  private readonly processes = new Map<number, ShownInvocation>();
  private readonly invocations = new Map<string, ShownInvocation>();
  private readonly calls = new Map<
    RecordedCall,
    { call: CallRecord; records: readonly EntryRecord[] }
  >();
  private callCount = 0;

  /**
   * Starts to listen.
   *
   * @param options.root the project's root, for excerpts of its sources. @default - errors have none
   */
  static of(sandbox: TimelineSource, options: { readonly root?: string } = {}): Timeline {
    return new Timeline(sandbox, options.root);
  }

  private constructor(source: TimelineSource, root: string | undefined) {
    this.source = source;
    this.root = root;
    const { telegram, aws } = source;
    for (const call of telegram.calls) this.learn(call);
    this.stops = [
      telegram.arisen.listen((update) => this.recordOf(update)),
      telegram.attempting.listen((update) => this.note(update, (one, at) => one.attempt(at))),
      telegram.attempted.listen((report) => this.note(report, (one) => one.attempted(report))),
      telegram.aborted.listen((update) => this.note(update, (one, at) => one.aborted(at))),
      telegram.forgotten.listen((update) =>
        this.note(update, (one) => one.leaveTelegram(update.isDelivered)),
      ),
      telegram.called.listen((started) => this.onCall(started)),
      telegram.answered.listen((answered) => this.onAnswer(answered)),
      aws.lambda.invocations.listen((event) => this.onInvocation(event)),
      aws.sqs.happened.listen((event) => this.onQueue(event)),
      aws.eventSources.handled.listen((report) => this.onBatch(report)),
    ];
  }

  /** The oldest first, at most `MAX_ENTRIES`. */
  get entries(): readonly TimelineEntry[] {
    this.tell();
    return [...this.values.values()];
  }

  /** Notes that an update does not come from a person who does something now. */
  markOrigin(
    botId: number,
    updateId: number,
    origin: Exclude<UpdateEntry['origin'], 'person'>,
  ): void {
    const record = this.find(botId, updateId);
    if (!record) return;
    record.origin = origin;
    this.touch(record);
  }

  /** Stops listening. The entries stay. */
  close(): void {
    for (const stop of this.stops) stop();
    clearImmediate(this.telling);
  }

  private now(): number {
    return this.source.clock.now();
  }

  private note(update: BotUpdate, change: (record: UpdateRecord, at: number) => void): void {
    const record = this.recordOf(update);
    change(record, this.now());
    this.touch(record);
    this.staleBots.add(update.botId);
    if (record.message) this.staleQueues.add(record.message.queue);
  }

  /** Returns the record of an update; a new one if it arose before the timeline began, or was forgotten. */
  private recordOf(update: BotUpdate): UpdateRecord {
    const known = this.find(update.botId, update.update.update_id);
    if (known) return known;
    const record = new UpdateRecord(update, this.now(), this.scrubber);
    this.add(record);
    this.staleBots.add(update.botId);
    return record;
  }

  private find(botId: number, updateId: number): UpdateRecord | undefined {
    const record = this.records.get(keyOf(botId, updateId));
    return record instanceof UpdateRecord ? record : undefined;
  }

  /** Finds an update whose bot is not known for sure, if there is only one with its id. */
  private search(botId: number | undefined, updateId: number): UpdateRecord | undefined {
    if (botId !== undefined) return this.find(botId, updateId);
    const found = [...this.records.values()].filter(
      (record) => record instanceof UpdateRecord && record.updateId === updateId,
    );
    return found.length === 1 ? (found[0] as UpdateRecord) : undefined;
  }

  private add(record: EntryRecord): void {
    this.records.set(record.key, record);
    this.touch(record);
    if (this.records.size > MAX_ENTRIES) this.forgetOldest();
  }

  private forgetOldest(): void {
    const [oldest] = this.records.values();
    if (!oldest) return;
    this.records.delete(oldest.key);
    this.values.delete(oldest.key);
    this.stale.delete(oldest);
    for (const [id, record] of this.messages) if (record === oldest) this.messages.delete(id);
  }

  private onInvocation(event: InvocationEvent): void {
    if (event.kind === 'started') {
      this.onStart(event);
      return;
    }
    const shown = this.invocations.get(event.requestId);
    if (!shown) return;
    if (event.kind === 'logged') shown.invocation.write(this.now(), event.line);
    else shown.invocation.end(this.now(), event.outcome);
    for (const record of shown.records) this.touch(record);
  }

  private onStart(event: InvocationEvent & { kind: 'started' }): void {
    const { requestId, configuration, networkPort, at } = event;
    const { scrubber, root } = this;
    const botId = botOfFunction(this.source.aws, configuration);
    const updates = this.updatesIn(event.event, botId);
    const options = { requestId, configuration, at, scrubber, root, batchSize: updates.length };
    const invocation = new InvocationRecord(options);
    for (const record of updates) pushLatest(record.invocations, invocation);
    const shown: ShownInvocation = {
      ...{ requestId, invocation, botId },
      records: updates.length > 0 ? updates : [loneRecord(requestId, () => shown)],
    };
    this.remember(networkPort, shown);
    if (updates.length === 0) for (const record of shown.records) this.add(record);
    for (const record of updates) this.touch(record);
  }

  private remember(port: number, shown: ShownInvocation): void {
    this.forgetProcess(port);
    const [oldest] = this.processes.keys();
    if (this.processes.size >= MAX_ENTRIES && oldest !== undefined) this.forgetProcess(oldest);
    this.processes.set(port, shown);
    this.invocations.set(shown.requestId, shown);
  }

  private forgetProcess(port: number): void {
    const shown = this.processes.get(port);
    this.processes.delete(port);
    if (shown) this.invocations.delete(shown.requestId);
  }

  /** Returns the updates in the event of a function: in a request to an endpoint, or in messages of a queue. */
  private updatesIn(json: string, botId: number | undefined): UpdateRecord[] {
    const event: unknown = JSON.parse(json);
    if (typeof event !== 'object' || event === null) return [];
    const { Records, body, isBase64Encoded } = event as Record<string, unknown>;
    if (Array.isArray(Records)) {
      return Records.flatMap((record) => this.messages.get(record?.messageId) ?? []);
    }
    if (typeof body !== 'string') return [];
    const text = isBase64Encoded ? Buffer.from(body, 'base64').toString() : body;
    const update = this.search(botId, updateIn({ body: text }).update_id);
    return update ? [update] : [];
  }

  private onCall({ call, port, updateId }: StartedCall): void {
    this.learn(call);
    const shown = port === undefined ? undefined : this.processes.get(port);
    const update = call.botId === undefined ? undefined : this.find(call.botId, Number(updateId));
    const records = shown?.records ?? (update ? [update] : []);
    const calls = shown?.invocation.calls ?? update?.calls;
    if (!calls) return;
    const { scrubber } = this;
    const record = new CallRecord(call, {
      key: `call ${++this.callCount}`,
      at: this.now(),
      scrubber,
    });
    pushLatest(calls, record);
    if (shown) shown.botId ??= call.botId;
    this.calls.set(call, { call: record, records });
    for (const one of records) this.touch(one);
  }

  private onAnswer({ call, answer }: AnsweredCall): void {
    const known = this.calls.get(call);
    this.calls.delete(call);
    if (answer?.ok && call.method === 'getWebhookInfo') {
      this.scrubber.learn(answer.result as { url: string });
    }
    known?.call.end(this.now(), answer);
    for (const record of known?.records ?? []) this.touch(record);
  }

  /** Learns what must not be shown. */
  private learn({ method, parameters }: RecordedCall): void {
    if (method !== 'setWebhook') return;
    this.scrubber.learn({ url: parameters.text('url'), secret: parameters.text('secret_token') });
  }

  private onQueue(event: QueueEvent & { readonly queueUrl: string }): void {
    const { kind, message, successor, queue, queueUrl } = event;
    const record = this.messages.get(message.id) ?? this.enqueued(event, queueUrl);
    if (!record) return;
    record.queueHas(event, this.now());
    this.messages.set(successor ?? message.id, record);
    if (successor !== undefined || kind === 'deleted' || kind === 'lost') {
      this.messages.delete(message.id);
    }
    this.touch(record);
    this.staleQueues.add(queue);
  }

  private enqueued({ kind, message }: QueueEvent, queueUrl: string): UpdateRecord | undefined {
    if (kind !== 'sent') return undefined;
    const { update_id } = updateIn(message);
    return this.search(botOfQueue(this.source.aws, queueUrl), update_id);
  }

  private onBatch({ batch, failedIds }: BatchReport): void {
    for (const { id, receiveCount } of batch) {
      const record = failedIds.has(id) ? this.messages.get(id) : undefined;
      record?.failed(receiveCount);
      if (!record?.message) continue;
      this.touch(record);
      this.staleQueues.add(record.message.queue);
    }
  }

  private touch(record: EntryRecord): void {
    // An entry that is no longer kept does not come back.
    if (this.records.get(record.key) !== record) return;
    this.stale.add(record);
    this.telling ??= setImmediate(() => this.tell());
  }

  /** Makes new values of what has changed, and tells the listeners. */
  private tell(): void {
    clearImmediate(this.telling);
    this.telling = undefined;
    for (const botId of this.staleBots) this.setTelegramWaits(botId);
    for (const queue of this.staleQueues) this.setQueueWaits(queue);
    this.staleBots.clear();
    this.staleQueues.clear();
    const entries = [...this.stale].map((record) => record.entry);
    this.stale.clear();
    for (const entry of entries) this.values.set(entry.key, entry);
    for (const entry of entries) this.changed.emit(entry);
  }

  private setTelegramWaits(botId: number): void {
    for (const { update, behind, nextAttemptAt } of this.source.telegram.waiting(botId)) {
      const wait = { behind: behind?.update_id, nextAttemptAt };
      const record = this.find(botId, update.update_id);
      if (record?.wait(wait)) this.stale.add(record);
    }
  }

  private setQueueWaits(queue: FifoQueue): void {
    const heads = new Map<string, Update['update_id'] | undefined>();
    for (const { id, group, visibleAt } of queue.messages()) {
      const record = this.messages.get(id);
      const isHead = !heads.has(group);
      if (isHead) heads.set(group, record?.updateId);
      if (record?.message?.queue !== queue || record.isAtTelegram) continue;
      const isFailing = record.message.status === 'failing';
      const wait = isHead
        ? { nextAttemptAt: isFailing ? visibleAt : undefined }
        : { behind: heads.get(group) };
      if (record.wait(wait)) this.stale.add(record);
    }
  }
}

function loneRecord(requestId: string, shown: () => ShownInvocation): LoneRecord {
  const key = `invocation ${requestId}`;
  return {
    key,
    get entry(): InvocationEntry {
      const { invocation, botId } = shown();
      return {
        kind: 'invocation',
        key,
        ...(botId !== undefined && { botId }),
        at: invocation.at,
        invocation: invocation.value(),
      };
    },
  };
}
