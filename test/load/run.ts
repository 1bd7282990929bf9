import { setTimeout as sleep } from 'node:timers/promises';
import type { Duration } from 'aws-cdk-lib';
import { Delivery } from '../../infra/settings/delivery.ts';
import { kitStack } from '../end-to-end/app.ts';
import { addBot } from '../end-to-end/test-bed.ts';
import { secretName } from '../fixtures.ts';
import { Sandbox, type StackArtifact, type StackState } from '../sandbox/index.ts';
import { FAULT_RATES, type FaultRates } from './fault-rates.ts';
import { VirtualUsers } from './virtual-users.ts';

export interface Load {
  readonly delivery: 'direct' | 'queued';
  readonly updates: number;
  readonly chats: number;
  readonly faultRates: Omit<FaultRates, 'hangsMs'>;
  /** How long the bot may take, in sandbox time. */
  readonly timeout: Duration;
  /** How often Telegram's API and SQS answer 500 instead of acting, from 0 to 1. */
  readonly outages: number;
  /**
   * The number of answers between two kills of a function's process; 0 to kill none. It is not a time,
   * because a machine that starts processes more slowly than they are killed would never get anywhere.
   */
  readonly killEvery: number;
  /** How many times as fast as real time the sandbox runs. */
  readonly speed: number;
  /** Skips the wait for the visibility timeout, which takes most of a small run's time. */
  readonly retriesAtOnce?: boolean;
  readonly onProgress?: (answered: number) => void;
}

export interface LoadReport {
  readonly answered: number;
  /** Updates that had no answer in the end. */
  readonly lost: number;
  readonly outOfOrder: number;
  /** Answers of work that ran out of time. */
  readonly late: number;
  /** Second answers: the process died, or Telegram failed, after the call and before its success was known. */
  readonly repeated: number;
  readonly deadLetters: number;
  /** Deliveries by Telegram beyond the first of each update. */
  readonly redelivered: number;
  readonly kills: number;
  readonly outages: number;
  /** Real time, in seconds. */
  readonly seconds: number;
  readonly perSecond: number;
  /** The time from message to answer, in seconds of sandbox time. */
  readonly median: number;
  readonly percentile99: number;
}

/** The most messages that may wait for an answer at the same time. */
const BACKLOG = 200;
/** How long to wait for another answer, in sandbox time: longer than any retry takes. */
const REST_MS = 15 * 60_000;

/** Runs a load through the deployed kit, with real bundles in real processes. */
export async function runLoad(load: Load): Promise<LoadReport> {
  const sandbox = await Sandbox.start({ speed: load.speed });
  try {
    return await new Run(sandbox, load).execute();
  } finally {
    await sandbox.close();
  }
}

class Run {
  private readonly sandbox: Sandbox;
  private readonly load: Load;
  private isOver = false;
  private redelivered = 0;
  private kills = 0;
  private outages = 0;

  constructor(sandbox: Sandbox, load: Load) {
    this.sandbox = sandbox;
    this.load = load;
  }

  async execute(): Promise<LoadReport> {
    const { sandbox, load } = this;
    const { bot } = addBot(sandbox, { username: 'load_bot', secret: secretName });
    const stack = await sandbox.cloudFormation.deploy(loadStack(load));
    if (stack.status !== 'CREATE_COMPLETE') throw new Error(stack.reason);
    sandbox.telegram.attempted.listen(({ problem }) => {
      if (problem) this.redelivered++;
    });
    if (load.retriesAtOnce) sandbox.aws.eventSources.retriesAtOnce = true;
    sandbox.telegram.intercept = () =>
      this.isOutage() ? { kind: 'answer', status: 500 } : undefined;
    sandbox.aws.sqs.intercept = () =>
      this.isOutage() ? { status: 500, body: { __type: 'InternalFailure' } } : undefined;

    const chats = Array.from({ length: load.chats }, (_, index) =>
      sandbox.telegram.chat(bot.id, { id: 1000 + index, firstName: `Person ${index}` }),
    );
    const started = Date.now();
    const users = new VirtualUsers(sandbox.clock, chats);
    await this.sendAndWait(users, functionsOfUpdates(stack));
    this.isOver = true;
    return this.report(users, (Date.now() - started) / 1000, stack);
  }

  private isOutage(): boolean {
    if (this.isOver || Math.random() >= this.load.outages) return false;
    this.outages++;
    return true;
  }

  /** Sends all updates, and returns when all are answered, or when no more answers can be expected. */
  private async sendAndWait(users: VirtualUsers, victims: readonly string[]): Promise<void> {
    const { updates, killEvery, onProgress } = this.load;
    const { clock } = this.sandbox;
    let answered = 0;
    let lastAnswerAt = clock.now();
    let nextKillAt = killEvery || Number.POSITIVE_INFINITY;
    while (users.answered < updates && clock.now() < lastAnswerAt + REST_MS) {
      while (users.said < updates && users.said - users.answered < BACKLOG) users.speak();
      await sleep(20);
      if (users.answered > answered) lastAnswerAt = clock.now();
      answered = users.answered;
      if (answered >= nextKillAt && this.killOneOf(victims)) nextKillAt = answered + killEvery;
      onProgress?.(answered);
    }
  }

  /** Kills a busy process of one of the functions. Returns false when the function had none. */
  private killOneOf(functionNames: readonly string[]): boolean {
    const victim = functionNames[Math.floor(Math.random() * functionNames.length)] as string;
    if (!this.sandbox.aws.lambda.killOneInstance(victim)) return false;
    this.kills++;
    return true;
  }

  private report(users: VirtualUsers, seconds: number, { outputs }: StackState): LoadReport {
    const { redelivered, kills, outages } = this;
    const deadLetterQueue = outputs.DeadLetterQueueUrl;
    const latencies = users.latencies.toSorted((a, b) => a - b);
    const at = (part: number) => (latencies[Math.floor(latencies.length * part)] ?? 0) / 1000;
    return {
      answered: users.answered,
      lost: this.load.updates - users.answered,
      outOfOrder: users.outOfOrder,
      late: users.late,
      repeated: users.repeated,
      deadLetters: deadLetterQueue ? this.sandbox.aws.sqs.queue(deadLetterQueue).size : 0,
      redelivered,
      kills,
      outages,
      seconds,
      perSecond: users.answered / seconds,
      median: at(0.5),
      percentile99: at(0.99),
    };
  }
}

/** Returns the functions that handle updates, but not those that only take part in a deploy. */
function functionsOfUpdates({ resources }: StackState): string[] {
  return [...resources.values()]
    .filter(({ type }) => type === 'AWS::Lambda::Function')
    .filter(({ path = '' }) => /\/(Endpoint\/Receiver|Queue\/Bot)\/Resource$/.test(path))
    .map(({ physicalId }) => physicalId);
}

function loadStack({ delivery, faultRates, timeout }: Load): StackArtifact {
  const hangsMs = timeout.toMilliseconds() * 1.5;
  return kitStack({
    entry: 'test/load/bot.ts',
    delivery: delivery === 'queued' ? Delivery.queued({ maxConcurrency: 8 }) : Delivery.direct(),
    timeout,
    maxConnections: 16,
    environment: { [FAULT_RATES]: JSON.stringify({ ...faultRates, hangsMs } satisfies FaultRates) },
  });
}
