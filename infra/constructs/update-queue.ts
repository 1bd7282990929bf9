import { type Duration, Stack } from 'aws-cdk-lib';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import {
  DeduplicationScope,
  FifoThroughputLimit,
  Queue,
  QueueEncryption,
  type QueueProps,
} from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { Environment, type ReadinessProperties, ResourceType } from '../../functions/contract.ts';
import type { QueuedDelivery } from '../settings/delivery.ts';
import { NodeFunction, type NodeFunctionProps } from './node-function.ts';
import { Registrar } from './registrar.ts';

export interface UpdateQueueProps extends QueuedDelivery {
  /** The props of the function that runs the bot. */
  readonly bot: NodeFunctionProps;
  readonly visibilityTimeout: Duration;
  /**
   * When the app was synthesized, so that every deploy checks the bot.
   *
   * @default - the bot is checked when its function is created or replaced
   */
  readonly deployStamp?: string;
}

/**
 * The queue of updates, the bot behind it, and the dead letters. All of them exist, and the bot is known to
 * load, before anything sends an update.
 */
export class UpdateQueue extends Construct {
  /** FIFO, with a message group for each chat. */
  readonly updates: Queue;
  /** Updates that failed at every attempt. They stay until an operator moves them or `retention` ends. */
  readonly deadLetters: Queue;
  /** The Lambda function that runs the bot. */
  readonly bot: NodeFunction;

  constructor(scope: Construct, id: string, props: UpdateQueueProps) {
    super(scope, id);
    const { batchSize, deployStamp, maxAttempts, maxConcurrency, retention, visibilityTimeout } =
      props;
    this.deadLetters = new Queue(this, 'DeadLetters', queueProps(retention));
    this.bot = new NodeFunction(this, 'Bot', props.bot);
    // A queue takes a minute to create, and this one waits for the dead letters. Named after a role, whose name is
    // unique and known early, it has a known ARN and URL before it exists, so bot and readiness do not wait for it.
    const queueName = `${(this.bot.role as IRole).roleName}.fifo`;
    this.updates = new Queue(this, 'Updates', {
      ...queueProps(retention),
      queueName,
      visibilityTimeout,
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: maxAttempts },
    });
    const queueArn = Stack.of(this).formatArn({ service: 'sqs', resource: queueName });
    const updatesByName = Queue.fromQueueArn(this, 'UpdatesByName', queueArn);
    // In a policy of its own, because the queue is named after the role.
    updatesByName.grantConsumeMessages(this.bot);
    // The bot schedules its own retries.
    this.bot.addEnvironment(Environment.updateQueueUrl, updatesByName.queueUrl);
    new EventSourceMapping(this, 'Source', {
      target: this.bot,
      eventSourceArn: this.updates.queueArn,
      batchSize,
      maxConcurrency,
      reportBatchItemFailures: true,
    });
    const registrar = Registrar.getOrCreate(this);
    registrar.addResource(this, 'Readiness', {
      type: ResourceType.readiness,
      permission: registrar.botInvoker(this.bot, this),
      properties: {
        BotFunction: this.bot.functionArn,
        DeployStamp: deployStamp,
      } satisfies ReadinessProperties,
    });
  }

  /**
   * Lets the ingress send to the queue. The ingress depends on the mapping and on the readiness check: if the switch
   * from direct delivery came first and one of them then failed, the rollback would delete the queue along with
   * updates that were already acknowledged.
   */
  grantSend(ingress: NodeFunction): void {
    this.updates.grant(ingress.rights, 'sqs:SendMessage');
    ingress.node.addDependency(this);
  }
}

/** Returns the props of a queue in high-throughput mode: its quota and deduplication are per message group. */
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
