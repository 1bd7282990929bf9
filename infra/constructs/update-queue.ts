import type { Duration } from 'aws-cdk-lib';
import { EventSourceMapping, type IFunction } from 'aws-cdk-lib/aws-lambda';
import {
  DeduplicationScope,
  FifoThroughputLimit,
  Queue,
  QueueEncryption,
  type QueueProps,
} from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { type ReadinessProperties, ResourceType } from '../../functions/contract.ts';
import type { QueuedDelivery } from '../settings/delivery.ts';
import { NodeFunction, type NodeFunctionProps } from './node-function.ts';
import { Registrar } from './registrar.ts';

export interface UpdateQueueProps extends QueuedDelivery {
  /** The bot, as a function. */
  readonly bot: NodeFunctionProps;
  readonly visibilityTimeout: Duration;
  /** When the app was synthesized, so that every deploy proves the bot. Absent: on change only. */
  readonly deployStamp?: string;
}

/**
 * The updates that wait for the bot, the bot behind them, and the updates that it could not take. All of it
 * is there, and the bot proven, before anybody sends an update.
 */
export class UpdateQueue extends Construct {
  /** FIFO: a message group is a chat. */
  readonly updates: Queue;
  /** What failed as often as it may. Nothing takes it from there but a person. */
  readonly deadLetters: Queue;
  /** The Lambda that runs the bot. */
  readonly bot: NodeFunction;

  constructor(scope: Construct, id: string, props: UpdateQueueProps) {
    super(scope, id);
    const { batchSize, deployStamp, maxAttempts, maxConcurrency, retention, visibilityTimeout } =
      props;
    this.deadLetters = new Queue(this, 'DeadLetters', queueProps(retention));
    this.updates = new Queue(this, 'Updates', {
      ...queueProps(retention),
      visibilityTimeout,
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: maxAttempts },
    });
    this.bot = new NodeFunction(this, 'Bot', props.bot);
    this.updates.grantConsumeMessages(this.bot);
    const source = new EventSourceMapping(this, 'Source', {
      target: this.bot,
      eventSourceArn: this.updates.queueArn,
      batchSize,
      maxConcurrency,
      reportBatchItemFailures: true,
    });
    const registrar = Registrar.getOrCreate(this);
    const proof = registrar.addResource(this, 'Proof', {
      type: ResourceType.proof,
      right: registrar.botInvoker(this.bot, this),
      properties: {
        BotFunction: this.bot.functionArn,
        DeployStamp: deployStamp,
      } satisfies ReadinessProperties,
    });
    proof.node.addDependency(source);
  }

  /**
   * Lets a front send. It waits for the proof: were it switched over from direct delivery before, a rollback
   * would take what it has acknowledged away with the queue.
   */
  grantSend(front: IFunction): void {
    this.updates.grant(front, 'sqs:SendMessage');
    front.node.addDependency(this);
  }
}

/** High throughput is by the message group, and so is the memory of what was there already. */
function queueProps(retentionPeriod: Duration): QueueProps {
  return {
    fifo: true,
    deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
    fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod,
  };
}
