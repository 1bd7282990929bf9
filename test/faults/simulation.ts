import type { Update } from '@grammyjs/types';
import type { SQSEvent } from 'aws-lambda';
import { Environment } from '../../functions/contract.ts';
import type { WebhookRequest } from '../../functions/inbound/authenticate.ts';
import { enqueueRequest } from '../../functions/ingress/enqueue.ts';
import { queuedUpdate } from '../../functions/receiver/consume.ts';
import { receiveRequest } from '../../functions/receiver/receive.ts';
import { receiveBatch } from '../../functions/receiver/receive-batch.ts';
import type { ResourceEvent } from '../../functions/registrar/event.ts';
import { INVOKE_TIMEOUT_MS } from '../../functions/registrar/retry/time-budget.ts';
import { deriveWebhookSecrets } from '../../functions/registrar/webhook/derive-secrets.ts';
import type { BotApi } from '../../functions/telegram/client.ts';
import { secretName } from '../fixtures.ts';
import {
  Aws,
  arnOf,
  type Bot,
  CloudFormation,
  type FunctionConfiguration,
  fakeToken,
  ManualClock,
  type StackState,
  settle,
  Telegram,
} from '../sandbox/index.ts';
import type { ActiveFaults } from './active-faults.ts';
import { BotApiServer } from './bot-api-server.ts';
import { type Code, type FunctionContext, InProcessLambda, locksIn } from './lambda.ts';
import { InProcessNetwork, isEndpoint } from './network.ts';
import { providerFramework } from './provider-framework.ts';
import { registrar } from './registrar.ts';
import { Sleepers } from './sleepers.ts';
import { type StackDescription, stackArtifact } from './templates.ts';

/**
 * An AWS account and a Telegram in this process, fast enough for thousands of runs: the kit's template on the
 * sandbox's CloudFormation, the kit's functions, and the sandbox's services and emulator. They share a clock
 * that advances only when code waits. The functions are called directly, instead of being bundled and run in
 * processes of their own; `test/end-to-end` covers that part.
 */
export class Simulation {
  readonly clock: ManualClock;
  readonly network: InProcessNetwork;
  readonly telegram: Telegram;
  readonly aws: Aws<InProcessLambda>;
  readonly cloudFormation: CloudFormation;
  faults: ActiveFaults = {};
  private readonly botApi: BotApiServer;
  private readonly sleepers: Sleepers;
  private readonly secrets = new Set<string>();
  /** The hosts that put updates on a queue, by update id. */
  private readonly queuedBy = new Map<number, string>();
  /** The hosts that processed updates, by update id. */
  private readonly processedBy = new Map<number, string>();
  private randomState = 1;
  private lastPersonId = 1000;

  static async start(): Promise<Simulation> {
    const clock = new ManualClock();
    const network = new InProcessNetwork();
    const telegram = await Telegram.start({ network, clock, random: () => 0.5 });
    const botApi = await BotApiServer.start(telegram, clock);
    const aws = await Aws.start({
      network,
      clock,
      startLambda: ({ iam, logs, metrics }) => new InProcessLambda({ clock, iam, logs, metrics }),
    });
    return new Simulation({ clock, network, telegram, botApi, aws });
  }

  private constructor(parts: {
    clock: ManualClock;
    network: InProcessNetwork;
    telegram: Telegram;
    botApi: BotApiServer;
    aws: Aws<InProcessLambda>;
  }) {
    const { clock, network, telegram, botApi, aws } = parts;
    this.clock = clock;
    this.network = network;
    this.telegram = telegram;
    this.botApi = botApi;
    this.sleepers = new Sleepers(clock, () => botApi.idle());
    this.aws = aws;
    aws.lambda.codeOf = (context) => this.codeOf(context);
    this.cloudFormation = new CloudFormation({
      aws,
      clock,
      intercept: (operation) => this.faults.resource?.(operation),
    });
    aws.secrets.intercept = () => this.faults.secrets?.();
    botApi.intercept = (call) => this.faults.telegram?.(call);
    telegram.resolver.override = (host) => this.faults.lookup?.(host);
    network.intercept = ({ hostname }, sender) =>
      sender !== 'function' && isEndpoint(hostname) ? this.faults.endpoint?.(sender) : undefined;
  }

  /** Creates a bot, and stores its token in a secret. */
  addBot({ id = 7_000_000_001, secret = secretName } = {}): Bot {
    const token = fakeToken(id);
    this.storeToken(token, secret);
    return this.telegram.createBot({ token, username: `kit${id}_bot`, firstName: 'Kit' });
  }

  /** Registers a text that must not appear in logs or events. */
  markPrivate(text: string): void {
    if (text) this.secrets.add(text);
  }

  storeToken(token: string, secret = secretName): void {
    this.markPrivate(token);
    this.aws.secrets.put(secret, token);
  }

  /** Revokes a bot's token, as @BotFather does. @returns the new token, for the caller to store */
  rotateToken(bot: Bot, letter: string): string {
    const token = fakeToken(bot.id, letter);
    this.markPrivate(token);
    this.telegram.rotateToken(bot.id, token);
    return token;
  }

  /** Deploys one minute after the previous event, so that the template's stamp differs. */
  async deploy(description: StackDescription = {}): Promise<StackState> {
    await this.clock.advance(60_000);
    return this.cloudFormation.deploy(stackArtifact(description, this.clock.now()));
  }

  destroy(name = 'Kit'): Promise<StackState> {
    return this.cloudFormation.destroy(name);
  }

  /** Acts while the first `times` responses to each event are lost, so that the framework invokes again. */
  async losingResponses<T>(times: number, act: () => Promise<T>): Promise<T> {
    let lost = 0;
    this.faults.invocation = () => (lost++ % (times + 1) < times ? 'lost' : undefined);
    return act();
  }

  /** Registers a webhook outside the kit, at an endpoint that accepts every update. */
  async setForeignWebhook(bot: Bot, host: string): Promise<void> {
    if (!this.network.knows(host)) {
      this.network.serve(host, async (request, response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk);
        this.recordProcessed(JSON.parse(Buffer.concat(chunks).toString()), host);
        response.writeHead(200).end();
      });
    }
    // Telegram accepts one setWebhook a second.
    await this.clock.advance(1000);
    const url = `https://${host}/foreign`;
    await this.botApi.plainClient(bot.token).setWebhook({ url, secret_token: 'foreign' });
  }

  /** Sends a message while the bot's endpoint is down. @returns the id of the pending update */
  async leavePending(bot: Bot): Promise<number> {
    this.faults = {
      endpoint: (sender) => (sender === 'telegram' ? { status: 500 } : undefined),
    };
    this.telegram
      .chat(bot.id, { id: ++this.lastPersonId, firstName: 'Ada' })
      .send('is anyone there?');
    const pending = [...bot.pending.inOrder()].at(-1)?.update;
    if (!pending) throw new Error('Telegram does not keep the update');
    await settle();
    this.faults = {};
    return pending.update_id;
  }

  /** Whether an update was processed, or still can be. */
  isKept(bot: Bot, updateId: number): boolean {
    const isPending = [...bot.pending.inOrder()].some(
      ({ update }) => update.update_id === updateId,
    );
    return isPending || this.processedBy.has(updateId);
  }

  async deleteWebhook(bot: Bot): Promise<void> {
    await this.botApi.plainClient(bot.token).setWebhook({ url: '' });
  }

  /** Returns a client of the Bot API that no fault affects, for what a person does by hand. */
  telegramClient(bot: Bot): BotApi {
    return this.botApi.plainClient(bot.token);
  }

  /** Sends the bot a message of a person of their own. */
  write(bot: Bot): void {
    this.telegram.chat(bot.id, { id: ++this.lastPersonId, firstName: 'Ada' }).send('hello');
  }

  /** The host that Telegram delivers to; empty if the bot has no webhook. */
  webhookHost(bot: Bot): string {
    const { url } = this.telegram.webhook(bot.id) ?? {};
    return url ? new URL(url).host : '';
  }

  /**
   * Sends the bot a message, and returns the host that processes it, now or within the minutes in which
   * Telegram retries; undefined if none does, or if updates that were pending before are not delivered too.
   */
  async delivers(bot: Bot): Promise<string | undefined> {
    const person = { id: ++this.lastPersonId, firstName: 'Ada' };
    const before = bot.pending.size;
    const chat = this.telegram.chat(bot.id, person);
    chat.send('are you there?');
    const sent = [...bot.pending.inOrder()].at(-1)?.update;
    if (!sent) throw new Error(`Telegram does not keep the update; ${before} were pending`);
    for (let minutes = 0; minutes < 5; minutes++) {
      await settle();
      if (bot.pending.size === 0 && this.processedBy.has(sent.update_id)) break;
      await this.clock.advance(60_000);
    }
    return bot.pending.size === 0 ? this.processedBy.get(sent.update_id) : undefined;
  }

  /** Returns all tokens, webhook paths and webhook secrets so far. */
  secretsSeen(): string[] {
    return [...this.secrets];
  }

  /** Returns all logs and events: whatever is readable without permission to read secrets. */
  publicTexts(): string[] {
    return [
      ...this.aws.logs.lines(),
      ...this.cloudFormation.events.map((event) => JSON.stringify(event)),
    ];
  }

  async close(): Promise<void> {
    await this.telegram.close();
    this.aws.eventSources.close();
    const closed = this.cloudFormation.close();
    await this.clock.advance(3_600_000);
    await closed;
    await this.botApi.close();
  }

  /** Finds a function's code by the path of its construct. */
  private codeOf(context: FunctionContext): Code {
    const { constructPath = '', environment } = context.configuration;
    const isAt = (path: string) => constructPath.endsWith(`/${path}/Resource`);
    if (isAt('Registrar/Provider/framework-onEvent')) return this.frameworkCode(context);
    if (isAt('Registrar/Function')) return this.registrarCode(context);
    if (isAt('Queue/Bot')) return this.queuedBotCode(context);
    if (isAt('Endpoint/Receiver')) {
      return Environment.updateQueueUrl in environment
        ? this.ingressCode(context)
        : this.receiverCode(context);
    }
    throw new Error(`No code for the function at ${constructPath}`);
  }

  private frameworkCode(context: FunctionContext): Code {
    const { roleArn } = context.configuration;
    return providerFramework(context, {
      invoke: async (functionArn, event) => {
        const invocation = await this.aws.lambda.invokeBy(roleArn, functionArn, event);
        if (this.faults.invocation?.()) throw new Error('socket hang up');
        return invocation;
      },
      put: (url, body) =>
        this.network.send(url, { method: 'PUT', headers: {}, body: Buffer.from(body) }, 'function'),
    });
  }

  private registrarCode(context: FunctionContext): Code {
    const { name, roleArn } = context.configuration;
    return registrar(context, {
      network: this.network,
      credentials: this.aws.iam.credentials(roleArn, name),
      clock: {
        now: () => this.clock.now(),
        random: () => this.nextRandom(),
        sleep: (ms) => this.sleepers.sleep(ms),
      },
      botApi: (token) => this.botApi.client(token),
      invoke: async (functionArn, event) => {
        const fault = this.faults.readiness?.();
        if (fault === 'crashes') return { errorType: 'Runtime.ExitError' };
        if (fault === 'hangs') {
          await this.clock.advance(INVOKE_TIMEOUT_MS);
          return { errorType: 'NoAnswer' };
        }
        if (fault) throw Object.assign(new Error('Injected fault'), { name: fault.awsError });
        const { functionError, payload } = await this.aws.lambda.invokeBy(
          roleArn,
          functionArn,
          event,
        );
        const answer = JSON.parse(payload);
        return functionError ? { errorType: answer.errorType } : { payload: answer };
      },
      describeStack: async (stackId) => {
        if (!this.aws.iam.allows(roleArn, 'cloudformation:DescribeStacks', stackId)) {
          throw Object.assign(new Error('Denied'), { name: 'AccessDenied' });
        }
        const { status = '', updatedAt = 0 } = this.cloudFormation.describe(stackId) ?? {};
        return { status, updatedAt };
      },
      onToken: (token, event) => this.markSecrets(token, event),
    });
  }

  private receiverCode({ configuration, log }: FunctionContext): Code {
    return async (event) => {
      const request = await this.toRequest(event, configuration);
      const receiver = {
        ...locksIn(configuration),
        onUpdate: async (update: Update) =>
          this.recordProcessed(update, request.requestContext.domainName),
        log: (line: object) => log.error(line),
      };
      return receiveRequest(request, receiver, { signal: new AbortController().signal });
    };
  }

  private ingressCode({ configuration, log }: FunctionContext): Code {
    const { environment, roleArn } = configuration;
    const { sqs, iam } = this.aws;
    const url = environment[Environment.updateQueueUrl] ?? '';
    return async (event) => {
      const request = await this.toRequest(event, configuration);
      return enqueueRequest(request, {
        ...locksIn(configuration),
        botId: environment[Environment.botId] ?? '',
        queue: {
          send: async ({ MessageBody: body, MessageGroupId: group, MessageDeduplicationId }) => {
            const queue = sqs.queue(url);
            const arn = arnOf('sqs', queue.configuration.name);
            if (!iam.allows(roleArn, 'sqs:SendMessage', arn)) throw new Error('AccessDenied');
            this.queuedBy.set(JSON.parse(body).update_id, request.requestContext.domainName);
            queue.send({ body, group, deduplicationId: MessageDeduplicationId });
          },
        },
        log: (line) => log.error(line),
      });
    };
  }

  private queuedBotCode({ configuration: { environment }, log }: FunctionContext): Code {
    const queue = () => this.aws.sqs.queue(environment[Environment.updateQueueUrl] ?? '');
    return async (event) => {
      const { Records } = event as SQSEvent;
      const unfinished = await receiveBatch(Records.map(queuedUpdate), {
        botId: Number(environment[Environment.botId]),
        maxAttempts: Number(environment[Environment.maxAttempts]),
        onUpdate: (update) =>
          this.recordProcessed(update, this.queuedBy.get(update.update_id) ?? ''),
        executeCall: async () => {},
        queue: {
          changeVisibility: async (handles, seconds) => {
            for (const handle of handles) queue().changeVisibility(handle, seconds * 1000);
          },
          delete: async (handles) => {
            for (const handle of handles) queue().delete(handle);
          },
        },
        remainingMs: () => 20_000,
        marginMs: 1000,
        exit: () => {},
        sleep: (ms, signal) => this.clock.sleep(ms, signal).catch(() => {}),
        log: (line) => log.error(line),
      });
      return { batchItemFailures: unfinished.map(({ id }) => ({ itemIdentifier: id })) };
    };
  }

  /** Returns the gateway's request. A fault of the receiver makes it throw, or outlast the timeout. */
  private async toRequest(event: unknown, { timeout }: FunctionConfiguration) {
    const fault = this.faults.receiver?.();
    if (fault === 'crashes') throw new Error('This bot crashes on load');
    if (fault === 'hangs') await this.clock.advance(2 * timeout * 1000);
    return event as WebhookRequest & { requestContext: { domainName: string } };
  }

  private recordProcessed(update: Update, host: string): void {
    this.processedBy.set(update.update_id, host);
  }

  private markSecrets(
    token: string,
    { StackId, ResourceProperties }: Pick<ResourceEvent, 'StackId' | 'ResourceProperties'>,
  ): void {
    const address = String(ResourceProperties.Address);
    const { path, secret } = deriveWebhookSecrets(token, { stackId: StackId, address });
    for (const text of [token, path, secret]) this.markPrivate(text);
  }

  /** Returns the same delays in every run. They are long, because fewer attempts prove as much. */
  private nextRandom(): number {
    this.randomState = (this.randomState * 16_807) % 2_147_483_647;
    return 0.75 + this.randomState / 2_147_483_647 / 4;
  }
}
