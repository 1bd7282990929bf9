import { randomUUID } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import type { Network } from '../../network/network.ts';
import { Signal } from '../../signal.ts';
import { arnOf, HOME, type Location, locationOf, REGION } from '../account.ts';
import type { Metrics } from '../cloudwatch/metrics.ts';
import type { Caller, Iam } from '../iam.ts';
import { authorize, callerOf, type JsonApiAnswer, jsonApi } from '../json-api.ts';
import { ServiceError } from '../service-error.ts';
import { FifoQueue, type QueueConfiguration, type QueueEvent } from './fifo-queue.ts';
import { actions, demandBetween, type MoveTask, type Request } from './sqs-actions.ts';

/** The names by which other services address a queue. */
export interface QueueAddress {
  readonly arn: string;
  /** `https://sqs.<region>.amazonaws.com/<account>/<name>` */
  readonly url: string;
}

const PREFIX = 'AmazonSQS.';

/** SQS with FIFO queues only, and with the actions that the kit uses. */
export class Sqs {
  /**
   * Intercepts every call, for fault tests. A response that it returns replaces AWS's.
   */
  intercept?: (request: {
    action: string;
    body: Request;
  }) => undefined | { status: number; body: object };

  /** Something happens to a message of any queue. */
  readonly happened = new Signal<QueueEvent & { readonly queueUrl: string }>();
  readonly clock: Clock;
  private readonly iam: Iam;
  /** By ARN. */
  private readonly queues = new Map<string, FifoQueue>();
  private readonly network: Pick<Network, 'serve'>;
  private readonly regions = new Set<string>();
  private readonly moves = new Map<string, MoveTask[]>();

  constructor(options: { network: Pick<Network, 'serve'>; iam: Iam; clock: Clock }) {
    this.iam = options.iam;
    this.clock = options.clock;
    this.network = options.network;
    this.serveIn(REGION);
  }

  /** Serves the API of a region, if it is not served yet. */
  serveIn(region: string): void {
    if (this.regions.has(region)) return;
    this.regions.add(region);
    this.network.serve(
      `sqs.${region}.amazonaws.com`,
      jsonApi('application/x-amz-json-1.0', (request, text) => {
        const target = String(request.headers['x-amz-target']);
        const body = JSON.parse(text) as Request;
        const action = target.startsWith(PREFIX) ? target.slice(PREFIX.length) : target;
        const fault = this.intercept?.({ action, body });
        if (fault) return fault;
        return this.answer(action, body, callerOf(request, this.iam, 'sqs', region));
      }),
    );
  }

  create(configuration: QueueConfiguration, location = HOME): QueueAddress {
    const { name } = configuration;
    if (!/^[\w-]{1,75}\.fifo$/.test(name)) {
      throw new ServiceError(
        'InvalidParameterValue',
        `The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length; got ${name}`,
      );
    }
    const arn = arnOf('sqs', name, location);
    if (this.queues.has(arn)) {
      throw new ServiceError('QueueAlreadyExists', `A queue ${name} already exists.`);
    }
    checkLimits(configuration);
    const queue = new FifoQueue(configuration, this.clock);
    const queueUrl = urlOf(name, location);
    queue.happened.listen((event) => this.happened.emit({ ...event, queueUrl }));
    this.queues.set(arn, queue);
    return { arn, url: queueUrl };
  }

  update(configuration: QueueConfiguration, location = HOME): void {
    checkLimits(configuration);
    this.queue(arnOf('sqs', configuration.name, location)).configuration = configuration;
  }

  delete(arnOrUrl: string): void {
    const queue = this.queue(arnOrUrl);
    queue.purge();
    this.queues.delete(arnIn(arnOrUrl));
  }

  /** Returns the queue with this full ARN or URL. */
  queue(arnOrUrl: string): FifoQueue {
    const queue = this.find(arnOrUrl);
    if (queue) return queue;
    throw new ServiceError('QueueDoesNotExist', 'The specified queue does not exist.');
  }

  has(arnOrUrl: string): boolean {
    return this.find(arnOrUrl) !== undefined;
  }

  /** Returns the queue whose dead letters go to this dead-letter queue. */
  sourceOf(deadLetterQueue: string): FifoQueue {
    const deadLetters = this.queue(deadLetterQueue);
    const source = [...this.queues.values()].find(
      ({ configuration }) => configuration.redrive?.deadLetters === deadLetters,
    );
    if (source) return source;
    throw new ServiceError(
      'InvalidParameterValue',
      'Source queue must be configured as a Dead Letter Queue.',
    );
  }

  /** Moves the messages in this dead-letter queue back to their source queue. */
  redrive(deadLetterArn: string): MoveTask {
    const deadLetters = this.queue(deadLetterArn);
    const source = this.sourceOf(deadLetterArn);
    const started = this.clock.now();
    const waiting = deadLetters.size - deadLetters.inFlight;
    const task: MoveTask = {
      TaskHandle: Buffer.from(randomUUID()).toString('base64'),
      Status: 'COMPLETED',
      SourceArn: deadLetterArn,
      ApproximateNumberOfMessagesToMove: waiting,
      ApproximateNumberOfMessagesMoved: deadLetters.moveTo(source),
      StartedTimestamp: started,
    };
    this.moves.set(deadLetterArn, [task, ...this.movesFrom(deadLetterArn)]);
    return task;
  }

  /** Returns the redrives from a dead-letter queue, latest first. */
  movesFrom(arn: string): readonly MoveTask[] {
    return this.moves.get(arn) ?? [];
  }

  /** Records the metrics of the queues in use, as SQS does every minute. */
  measure(metrics: Metrics, time: number): void {
    for (const [arn, queue] of this.queues) {
      if (!queue.isActive(time)) continue;
      const values = {
        ApproximateNumberOfMessagesVisible: queue.size - queue.inFlight,
        ApproximateNumberOfMessagesNotVisible: queue.inFlight,
        ApproximateAgeOfOldestMessage: Math.floor((time - queue.oldestSentAt(time)) / 1000),
      };
      const dimensions = { QueueName: queue.configuration.name };
      // The values belong to the minute that ends.
      metrics.putAll('AWS/SQS', values, dimensions, locationOf(arn), time - 1);
    }
  }

  /** Stops the timers of all queues. */
  close(): void {
    for (const queue of this.queues.values()) queue.close();
  }

  private async answer(action: string, body: Request, caller: Caller): Promise<JsonApiAnswer> {
    const known = actions[action];
    if (!known) {
      throw new ServiceError(
        'UnknownOperationException',
        `The sandbox's SQS does not support ${action}`,
      );
    }
    const unknown = Object.keys(body).filter((key) => !known.parameters.includes(key));
    if (unknown.length > 0) {
      throw new ServiceError(
        'InvalidParameterValue',
        `The sandbox's ${action} does not support ${unknown}`,
      );
    }
    const { SourceArn, QueueUrl } = body;
    if (SourceArn !== undefined && !SourceArn.startsWith('arn:')) {
      throw new ServiceError('InvalidParameterValue', 'SourceArn must be the ARN of a queue.');
    }
    const address = SourceArn ?? String(QueueUrl);
    const permissions = known.permissions ?? [action];
    // AWS checks permissions first: a caller that may not use a queue never learns whether it exists.
    for (const permission of permissions) {
      authorize(this.iam, caller, {
        action: `sqs:${permission}`,
        resource: arnIn(address),
        status: 403,
      });
    }
    const queue = this.queue(address);
    if (known.sendsBack) {
      const { name } = this.sourceOf(address).configuration;
      const resource = arnOf('sqs', name, locationOf(arnIn(address)));
      authorize(this.iam, caller, { action: 'sqs:SendMessage', resource, status: 403 });
    }
    return { status: 200, body: await known.run(this, queue, body) };
  }

  private find(arnOrUrl: string): FifoQueue | undefined {
    return this.queues.get(arnIn(arnOrUrl));
  }
}

function checkLimits({ visibilityTimeout, retention, redrive }: QueueConfiguration): void {
  demandBetween('VisibilityTimeout', visibilityTimeout, 0, 43_200);
  demandBetween('MessageRetentionPeriod', retention, 60, 1_209_600);
  if (redrive) demandBetween('maxReceiveCount', redrive.maxReceiveCount, 1, 1000);
}

function urlOf(name: string, { account, region }: Location): string {
  return `https://sqs.${region}.amazonaws.com/${account}/${name}`;
}

/** Returns the ARN of the queue with this URL; an ARN stays as it is. */
function arnIn(arnOrUrl: string): string {
  const [, region, account, name] =
    /^https:\/\/sqs\.([\w-]+)\.amazonaws\.com\/(\d+)\/([^/]+)$/.exec(arnOrUrl) ?? [];
  if (!region || !account || !name) return arnOrUrl;
  return arnOf('sqs', name, { account, region });
}
