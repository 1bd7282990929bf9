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
import {
  Aws,
  arnOf,
  type Bot,
  CloudFormation,
  type FunctionConfiguration,
  fakeToken,
  type Intercept,
  ManualClock,
  type StackState,
  settle,
  Telegram,
} from '../sandbox/index.ts';
import { type ApiCall, type ApiFault, BotApiServer } from './bot-api-server.ts';
import { type Code, InProcessLambda, type Surroundings } from './lambda.ts';
import { InProcessNetwork, type NetworkFault } from './network.ts';
import { providerFramework } from './provider-framework.ts';
import { registrar } from './registrar.ts';
import { type StackDescription, secretName, stackArtifact } from './templates.ts';

/** What goes wrong in a simulation, asked anew each time. What is left out goes well. */
export interface Faults {
  /** A call of the registrar's to the Bot API. */
  telegram?: (call: ApiCall) => ApiFault | undefined;
  /** Telegram's look-up of a webhook's host: null for a name that does not exist. */
  lookUp?: (host: string) => null | undefined;
  /** A request for the public endpoint, by the probe or by Telegram. */
  endpoint?: (sender: 'probe' | 'telegram') => NetworkFault | undefined;
  /** The receiver's function, each time it is invoked. */
  receiver?: () => 'crashes' | 'hangs' | undefined;
  /** The registrar's invocation of a bot behind a queue. */
  readiness?: () => 'crashes' | 'hangs' | { readonly awsError: string } | undefined;
  /** Secrets Manager's answer, in AWS's place. */
  secrets?: () => { status: number; body: unknown } | undefined;
  /** The answer of the registrar's function to the provider framework. */
  invocation?: () => 'lost' | undefined;
  /** A step that CloudFormation takes with a resource. */
  resource?: Intercept;
}

/**
 * An AWS account and a Telegram in this process, for runs by the hundred: the kit's template on the
 * sandbox's CloudFormation, the kit's functions, and the sandbox's services and emulator, on one clock
 * that only those who wait turn. In place of bundles in processes of their own, the functions' code is
 * called; what is lost by that is shown in `test/end-to-end`.
 */
export class Simulation {
  readonly clock: ManualClock;
  readonly network: InProcessNetwork;
  readonly telegram: Telegram;
  readonly aws: Aws<InProcessLambda>;
  readonly cloudFormation: CloudFormation;
  faults: Faults = {};
  private readonly botApi: BotApiServer;
  private readonly secrets = new Set<string>();
  /** By update id, the hosts that have put it on a queue. */
  private readonly queued = new Map<number, string>();
  /** By update id, the hosts that took it. */
  private readonly taken = new Map<number, string>();
  private random = 1;
  private people = 1000;

  static async start(): Promise<Simulation> {
    const clock = new ManualClock();
    const network = new InProcessNetwork();
    const telegram = await Telegram.start({ network, clock, random: () => 0.5 });
    const botApi = await BotApiServer.start(telegram, clock);
    const aws = await Aws.start({
      network,
      clock,
      startLambda: ({ iam, logs }) => new InProcessLambda({ clock, iam, logs }),
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
    this.aws = aws;
    aws.lambda.codeOf = (surroundings) => this.codeOf(surroundings);
    this.cloudFormation = new CloudFormation({
      aws,
      clock,
      intercept: (operation) => this.faults.resource?.(operation),
    });
    aws.secrets.intercept = () => this.faults.secrets?.();
    botApi.intercept = (call) => this.faults.telegram?.(call);
    telegram.resolver.override = (host) => this.faults.lookUp?.(host);
    network.intercept = ({ hostname }, sender) =>
      sender !== 'function' && isEndpoint(hostname) ? this.faults.endpoint?.(sender) : undefined;
  }

  /** Makes a bot, and puts its token into a secret. */
  addBot({ id = 7_000_000_001, secret = secretName } = {}): Bot {
    const token = fakeToken(id);
    this.storeToken(token, secret);
    return this.telegram.createBot({ token, username: `kit${id}_bot`, firstName: 'Kit' });
  }

  /** A text that nobody may see. */
  hide(text: string): void {
    if (text) this.secrets.add(text);
  }

  storeToken(token: string, secret = secretName): void {
    this.hide(token);
    this.aws.secrets.put(secret, token);
  }

  /** @BotFather revokes the token; the new one is for the caller to store. */
  rotateToken(bot: Bot, letter: string): string {
    const token = fakeToken(bot.id, letter);
    this.hide(token);
    this.telegram.rotateToken(bot.id, token);
    return token;
  }

  /** A minute after whatever happened before, and so with another stamp. */
  async deploy(description: StackDescription = {}): Promise<StackState> {
    await this.clock.advance(60_000);
    return this.cloudFormation.deploy(stackArtifact(description, this.clock.now()));
  }

  destroy(name = 'Kit'): Promise<StackState> {
    return this.cloudFormation.destroy(name);
  }

  /** The framework does not hear so many of each event's answers, and asks again. */
  async losingAnswers<T>(times: number, act: () => Promise<T>): Promise<T> {
    let lost = 0;
    this.faults.invocation = () => (lost++ % (times + 1) < times ? 'lost' : undefined);
    return act();
  }

  /** Somebody else's endpoint, which takes every update, set as the bot's webhook. */
  async setForeignWebhook(bot: Bot, host: string): Promise<void> {
    if (!this.network.knows(host)) {
      this.network.serve(host, async (request, response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk);
        this.noteTaken(JSON.parse(Buffer.concat(chunks).toString()), host);
        response.writeHead(200).end();
      });
    }
    // Telegram takes one setWebhook a second.
    await this.clock.advance(1000);
    const url = `https://${host}/foreign`;
    await this.botApi.plainClient(bot.token).setWebhook({ url, secret_token: 'foreign' });
  }

  /** Has a person write while the bot's endpoint is down. @returns the update's id */
  async leaveWaiting(bot: Bot): Promise<number> {
    this.faults = {
      endpoint: (sender) => (sender === 'telegram' ? { status: 500 } : undefined),
    };
    this.telegram.chat(bot.id, { id: ++this.people, firstName: 'Ada' }).send('anybody there?');
    const waiting = [...bot.pending.inOrder()].at(-1)?.update;
    if (!waiting) throw new Error('Telegram does not keep the update');
    await settle();
    this.faults = {};
    return waiting.update_id;
  }

  /** Whether an update was taken, or will be. */
  isKept(bot: Bot, updateId: number): boolean {
    const waits = [...bot.pending.inOrder()].some(({ update }) => update.update_id === updateId);
    return waits || this.taken.has(updateId);
  }

  async deleteWebhook(bot: Bot): Promise<void> {
    await this.botApi.plainClient(bot.token).setWebhook({ url: '' });
  }

  /** Where Telegram would deliver to; empty for nowhere. */
  webhookHost(bot: Bot): string {
    const { url } = this.telegram.webhook(bot.id) ?? {};
    return url ? new URL(url).host : '';
  }

  /**
   * The host that takes an update which reaches the bot now, or within the minutes in which Telegram
   * tries again; undefined when none does. Whatever waited before is delivered with it.
   */
  async delivers(bot: Bot): Promise<string | undefined> {
    const person = { id: ++this.people, firstName: 'Ada' };
    const before = bot.pending.size;
    const chat = this.telegram.chat(bot.id, person);
    chat.send('are you there?');
    const sent = [...bot.pending.inOrder()].at(-1)?.update;
    if (!sent) throw new Error(`Telegram does not keep the update; ${before} were waiting`);
    for (let minutes = 0; minutes < 5; minutes++) {
      await settle();
      if (bot.pending.size === 0 && this.taken.has(sent.update_id)) break;
      await this.clock.advance(60_000);
    }
    return bot.pending.size === 0 ? this.taken.get(sent.update_id) : undefined;
  }

  /** Tokens, webhook paths and secrets that there have ever been. */
  secretsSeen(): string[] {
    return [...this.secrets];
  }

  /** All that a person could read who may not read secrets. */
  texts(): string[] {
    return [
      ...this.aws.logs.lines(),
      ...this.cloudFormation.events.map((event) => JSON.stringify(event)),
    ];
  }

  async close(): Promise<void> {
    await this.telegram.close();
    this.aws.eventSources.close();
    const rest = this.cloudFormation.close();
    await this.clock.advance(3_600_000);
    await rest;
    await this.botApi.close();
  }

  /** The code of a function, found by its construct's path. */
  private codeOf(surroundings: Surroundings): Code {
    const { constructPath = '', environment } = surroundings.configuration;
    const isAt = (path: string) => constructPath.endsWith(`/${path}/Resource`);
    if (isAt('Registrar/Provider/framework-onEvent')) return this.frameworkCode(surroundings);
    if (isAt('Registrar/Function')) return this.registrarCode(surroundings);
    if (isAt('Queue/Bot')) return this.queuedBotCode(surroundings);
    if (isAt('Endpoint/Receiver')) {
      return Environment.updateQueueUrl in environment
        ? this.ingressCode(surroundings)
        : this.receiverCode(surroundings);
    }
    throw new Error(`No code for the function at ${constructPath}`);
  }

  private frameworkCode(surroundings: Surroundings): Code {
    const { roleArn } = surroundings.configuration;
    return providerFramework(surroundings, {
      invoke: async (functionArn, event) => {
        const invocation = await this.aws.lambda.invokeBy(roleArn, functionArn, event);
        if (this.faults.invocation?.()) throw new Error('socket hang up');
        return invocation;
      },
      put: (url, body) =>
        this.network.send(url, { method: 'PUT', headers: {}, body: Buffer.from(body) }, 'function'),
    });
  }

  private registrarCode(surroundings: Surroundings): Code {
    const { name, roleArn } = surroundings.configuration;
    return registrar(surroundings, {
      network: this.network,
      credentials: this.aws.iam.credentials(roleArn, name),
      clock: {
        now: () => this.clock.now(),
        random: () => this.nextRandom(),
        sleep: (ms) => this.clock.advance(ms),
      },
      botApi: (token) => this.botApi.client(token),
      invoke: async (functionArn, event) => {
        const fault = this.faults.readiness?.();
        if (fault === 'crashes') return { errorType: 'Runtime.ExitError' };
        if (fault === 'hangs') {
          await this.clock.advance(INVOKE_TIMEOUT_MS);
          return { errorType: 'NoAnswer' };
        }
        if (fault) throw Object.assign(new Error('A fault'), { name: fault.awsError });
        const { functionError, payload } = await this.aws.lambda.invokeBy(
          roleArn,
          functionArn,
          event,
        );
        const answer = JSON.parse(payload);
        return functionError ? { errorType: answer.errorType } : { payload: answer };
      },
      onToken: (token, event) => this.noteSecrets(token, event),
    });
  }

  private receiverCode({ configuration, log }: Surroundings): Code {
    const { environment } = configuration;
    return async (event) => {
      const request = await this.admitted(event, configuration);
      return receiveRequest(request, {
        secretSha256: environment[Environment.webhookSecretSha256],
        onUpdate: async (update) => this.noteTaken(update, request.requestContext.domainName),
        log: (line) => log.error(line),
      });
    };
  }

  private ingressCode({ configuration, log }: Surroundings): Code {
    const { environment, roleArn } = configuration;
    const { sqs, iam } = this.aws;
    const url = environment[Environment.updateQueueUrl] ?? '';
    return async (event) => {
      const request = await this.admitted(event, configuration);
      return enqueueRequest(request, {
        secretSha256: environment[Environment.webhookSecretSha256],
        botId: environment[Environment.botId] ?? '',
        queue: {
          send: async ({ MessageBody: body, MessageGroupId: group, MessageDeduplicationId }) => {
            const queue = sqs.queue(url);
            const arn = arnOf('sqs', queue.configuration.name);
            if (!iam.allows(roleArn, 'sqs:SendMessage', arn)) throw new Error('AccessDenied');
            this.queued.set(JSON.parse(body).update_id, request.requestContext.domainName);
            queue.send({ body, group, deduplicationId: MessageDeduplicationId });
          },
        },
        log: (line) => log.error(line),
      });
    };
  }

  private queuedBotCode({ configuration: { environment }, log }: Surroundings): Code {
    return async (event) => {
      const { Records } = event as SQSEvent;
      const unfinished = await receiveBatch(Records.map(queuedUpdate), {
        botId: JSON.parse(environment[Environment.botInfo] ?? '{}').id,
        maxAttempts: Number(environment[Environment.maxAttempts]),
        onUpdate: (update) => this.noteTaken(update, this.queued.get(update.update_id) ?? ''),
        executeCall: async () => {},
        remainingMs: () => 20_000,
        sleep: (ms, signal) => this.clock.sleep(ms, signal).catch(() => {}),
        log: (line) => log.error(line),
      });
      return { batchItemFailures: unfinished.map(({ id }) => ({ itemIdentifier: id })) };
    };
  }

  /** The gateway's request, once whatever befalls the function that answers it is over. */
  private async admitted(event: unknown, { timeout }: FunctionConfiguration) {
    const fault = this.faults.receiver?.();
    if (fault === 'crashes') throw new Error('This bot does not even start');
    if (fault === 'hangs') await this.clock.advance(2 * timeout * 1000);
    return event as WebhookRequest & { requestContext: { domainName: string } };
  }

  private noteTaken(update: Update, host: string): void {
    this.taken.set(update.update_id, host);
  }

  private noteSecrets(token: string, { StackId, ResourceProperties }: ResourceEvent): void {
    const address = String(ResourceProperties.Address);
    const { path, secret } = deriveWebhookSecrets(token, { stackId: StackId, address });
    for (const hidden of [token, path, secret]) this.hide(hidden);
  }

  /** The same waits in every run, and long ones: fewer attempts are as good. */
  private nextRandom(): number {
    this.random = (this.random * 16_807) % 2_147_483_647;
    return 0.75 + this.random / 2_147_483_647 / 4;
  }
}

function isEndpoint(host: string): boolean {
  return host.includes('.execute-api.');
}
