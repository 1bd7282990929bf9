import { setTimeout as sleep } from 'node:timers/promises';
import type { Duration } from 'aws-cdk-lib';
import { Delivery } from '../../infra/settings/delivery.ts';
import { kitStack, secretName } from '../end-to-end/app.ts';
import { addBot } from '../end-to-end/test-bed.ts';
import { Sandbox, type StackArtifact, type StackState } from '../sandbox/index.ts';
import { FAULT_RATES, type FaultRates } from './fault-rates.ts';
import { VirtualUsers } from './virtual-users.ts';

export interface Load {
  readonly delivery: 'direct' | 'queued';
  readonly updates: number;
  readonly chats: number;
  readonly faultRates: FaultRates;
  /** How long the bot may take, by the sandbox's time. */
  readonly timeout: Duration;
  /** How often Telegram's API and SQS answer 500 in place of what they would, from 0 to 1. */
  readonly outages: number;
  /**
   * Answers between two kills of a function's process; 0 for none. Not a time: a machine that is slower
   * to start processes than they are killed would never get anywhere.
   */
  readonly killEvery: number;
  /** How many times as fast as outside time passes. */
  readonly speed: number;
  /** Without waiting for the visibility timeout, which is most of a small run's time. */
  readonly retriesAtOnce?: boolean;
  readonly onProgress?: (answered: number) => void;
}

export interface LoadReport {
  readonly answered: number;
  /** Without an answer when everything had come to rest. */
  readonly lost: number;
  readonly outOfOrder: number;
  /** Second answers: the process ended, or Telegram broke down, after the call and before anyone knew. */
  readonly repeated: number;
  readonly deadLetters: number;
  /** Deliveries by Telegram beyond one an update. */
  readonly redelivered: number;
  readonly kills: number;
  readonly outages: number;
  /** Outside time, in seconds. */
  readonly seconds: number;
  readonly perSecond: number;
  /** From the message to the answer, in seconds of the sandbox: half and 99 of 100 are faster. */
  readonly median: number;
  readonly percentile99: number;
}

/** Said and not yet answered, at most. */
const BACKLOG = 200;
/** Long enough, in the sandbox, for every retry that there is. */
const REST_MS = 15 * 60_000;

/** Plays a load on the deployed kit, with real bundles in real processes. */
export async function runLoad(load: Load): Promise<LoadReport> {
  const sandbox = await Sandbox.start({ speed: load.speed });
  try {
    return await new Run(sandbox, load).play();
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

  async play(): Promise<LoadReport> {
    const { sandbox, load } = this;
    const { bot } = addBot(sandbox, { username: 'load_bot', secret: secretName });
    const stack = await sandbox.cloudFormation.deploy(loadStack(load));
    if (stack.status !== 'CREATE_COMPLETE') throw new Error(stack.reason);
    sandbox.telegram.onDelivery = ({ problem }) => {
      if (problem) this.redelivered++;
    };
    if (load.retriesAtOnce) sandbox.aws.eventSources.retriesAtOnce = true;
    sandbox.telegram.intercept = () => (this.isOut() ? { kind: 'answer', status: 500 } : undefined);
    sandbox.aws.sqs.intercept = () =>
      this.isOut() ? { status: 500, body: { __type: 'InternalFailure' } } : undefined;

    const chats = Array.from({ length: load.chats }, (_, index) =>
      sandbox.telegram.chat(bot.id, { id: 1000 + index, firstName: `Person ${index}` }),
    );
    const started = Date.now();
    const users = new VirtualUsers(sandbox.clock, chats);
    await this.untilRest(users, functionsOfUpdates(stack));
    this.isOver = true;
    return this.report(users, (Date.now() - started) / 1000, stack);
  }

  private isOut(): boolean {
    if (this.isOver || Math.random() >= this.load.outages) return false;
    this.outages++;
    return true;
  }

  /** Everything said, and answered, or silence for so long that nothing more will come. */
  private async untilRest(users: VirtualUsers, victims: readonly string[]): Promise<void> {
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

  /** @returns whether a process was in the middle of something, and is no more */
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

/** Those that an update goes through, and not the ones of a deploy. */
function functionsOfUpdates({ resources }: StackState): string[] {
  return [...resources.values()]
    .filter(({ type }) => type === 'AWS::Lambda::Function')
    .filter(({ path = '' }) => /\/(Endpoint\/Receiver|Queue\/Bot)\/Resource$/.test(path))
    .map(({ physicalId }) => physicalId);
}

function loadStack({ delivery, faultRates, timeout }: Load): StackArtifact {
  return kitStack({
    entry: 'test/load/bot.ts',
    delivery: delivery === 'queued' ? Delivery.queued({ maxConcurrency: 8 }) : Delivery.direct(),
    timeout,
    maxConnections: 16,
    environment: { [FAULT_RATES]: JSON.stringify(faultRates) },
  });
}
