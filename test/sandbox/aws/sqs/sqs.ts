import { randomUUID } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import type { Network } from '../../network/network.ts';
import { ACCOUNT, arnOf, REGION } from '../account.ts';
import type { Caller, Iam } from '../iam.ts';
import { authorize, callerOf, type JsonApiAnswer, jsonApi } from '../json-api.ts';
import { ServiceError } from '../service-error.ts';
import { FifoQueue, type QueueConfiguration } from './fifo-queue.ts';
import { actions, demandBetween, type MoveTask, type Request } from './sqs-actions.ts';

/** The names by which other services address a queue. */
export interface QueueAddress {
  readonly arn: string;
  /** `https://sqs.<region>.amazonaws.com/<account>/<name>` */
  readonly url: string;
}

const HOST = `sqs.${REGION}.amazonaws.com`;
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

  readonly clock: Clock;
  private readonly iam: Iam;
  private readonly queues = new Map<string, FifoQueue>();
  private readonly moves = new Map<string, MoveTask[]>();

  constructor(options: { network: Pick<Network, 'serve'>; iam: Iam; clock: Clock }) {
    this.iam = options.iam;
    this.clock = options.clock;
    options.network.serve(
      HOST,
      jsonApi('application/x-amz-json-1.0', (request, text) => {
        const target = String(request.headers['x-amz-target']);
        const body = JSON.parse(text) as Request;
        const action = target.startsWith(PREFIX) ? target.slice(PREFIX.length) : target;
        const fault = this.intercept?.({ action, body });
        if (fault) return fault;
        return this.answer(action, body, callerOf(request, this.iam, 'sqs'));
      }),
    );
  }

  create(configuration: QueueConfiguration): QueueAddress {
    const { name } = configuration;
    if (!/^[\w-]{1,75}\.fifo$/.test(name)) {
      throw new ServiceError(
        'InvalidParameterValue',
        `The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length; got ${name}`,
      );
    }
    if (this.queues.has(name)) {
      throw new ServiceError('QueueAlreadyExists', `A queue ${name} already exists.`);
    }
    checkLimits(configuration);
    this.queues.set(name, new FifoQueue(configuration, this.clock));
    return { arn: arnOf('sqs', name), url: urlOf(name) };
  }

  update(configuration: QueueConfiguration): void {
    checkLimits(configuration);
    this.queue(urlOf(configuration.name)).configuration = configuration;
  }

  delete(arnOrUrl: string): void {
    const queue = this.queue(arnOrUrl);
    queue.purge();
    this.queues.delete(queue.configuration.name);
  }

  /** Returns the queue with this full ARN or URL, in this account and region. */
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
        resource: SourceArn ?? arnOf('sqs', nameIn(address)),
        status: 403,
      });
    }
    const queue = this.queue(address);
    if (known.sendsBack) {
      const { name } = this.sourceOf(address).configuration;
      const resource = arnOf('sqs', name);
      authorize(this.iam, caller, { action: 'sqs:SendMessage', resource, status: 403 });
    }
    return { status: 200, body: await known.run(this, queue, body) };
  }

  private find(arnOrUrl: string): FifoQueue | undefined {
    const name = nameIn(arnOrUrl);
    const isWhole = [arnOf('sqs', name), urlOf(name)].includes(arnOrUrl);
    return isWhole ? this.queues.get(name) : undefined;
  }
}

function checkLimits({ visibilityTimeout, retention, redrive }: QueueConfiguration): void {
  demandBetween('VisibilityTimeout', visibilityTimeout, 0, 43_200);
  demandBetween('MessageRetentionPeriod', retention, 60, 1_209_600);
  if (redrive) demandBetween('maxReceiveCount', redrive.maxReceiveCount, 1, 1000);
}

function urlOf(name: string): string {
  return `https://${HOST}/${ACCOUNT}/${name}`;
}

function nameIn(arnOrUrl: string): string {
  return arnOrUrl.slice(Math.max(arnOrUrl.lastIndexOf('/'), arnOrUrl.lastIndexOf(':')) + 1);
}
