import { randomUUID } from 'node:crypto';
import { Signal } from '../../signal.ts';
import type { Iam } from '../iam.ts';
import type { LambdaService } from '../lambda/lambda-service.ts';
import { ServiceError } from '../service-error.ts';
import type { Sqs } from '../sqs/sqs.ts';
import {
  type BatchReport,
  EventSourceMapping,
  type MappingConfiguration,
  QUEUE_RIGHTS,
} from './event-source-mapping.ts';

/** Lambda's event source mappings for SQS queues. */
export class EventSourceMappings {
  /** A function has handled a batch. */
  readonly handled = new Signal<BatchReport>();
  /** Whether failed messages skip their visibility timeout, so that tests need not wait for it. */
  retriesAtOnce = false;
  private readonly services: { iam: Iam; lambda: LambdaService; sqs: Sqs };
  private readonly mappings = new Map<string, EventSourceMapping>();

  constructor(services: { iam: Iam; lambda: LambdaService; sqs: Sqs }) {
    this.services = services;
  }

  create(configuration: MappingConfiguration): { id: string } {
    this.check(configuration);
    const { iam, lambda, sqs } = this.services;
    const { queueArn } = configuration;
    const id = randomUUID();
    const mapping = new EventSourceMapping(configuration, {
      iam,
      queue: sqs.queue(queueArn),
      roleArn: (name) => (lambda.has(name) ? lambda.configurationOf(name).roleArn : undefined),
      invoke: (name, event) => lambda.invoke(name, event),
      retriesAtOnce: () => this.retriesAtOnce,
      onBatch: (report) => this.handled.emit(report),
    });
    this.mappings.set(id, mapping);
    return { id };
  }

  update(id: string, configuration: MappingConfiguration): void {
    const mapping = this.find(id);
    this.check(configuration, mapping);
    mapping.update(configuration);
  }

  delete(id: string): void {
    const mapping = this.find(id);
    mapping.stop();
    this.mappings.delete(id);
  }

  /** Stops receiving from all queues. */
  close(): void {
    for (const mapping of this.mappings.values()) mapping.stop();
  }

  /** Checks a mapping. @throws ServiceError, as Lambda does, when it is not valid */
  private check(configuration: MappingConfiguration, itself?: EventSourceMapping): void {
    const { functionName, queueArn, batchSize, maxConcurrency } = configuration;
    const { iam, lambda, sqs } = this.services;
    const [twin] =
      [...this.mappings].find(
        ([, mapping]) =>
          mapping !== itself &&
          mapping.configuration.queueArn === queueArn &&
          mapping.configuration.functionName === functionName,
      ) ?? [];
    if (twin) {
      throw new ServiceError(
        'ResourceConflictException',
        `An event source mapping with SQS arn (" ${queueArn} ") and function (" ${functionName} ") already exists. Please update or delete the existing mapping with UUID ${twin}`,
        409,
      );
    }
    const { roleArn, timeout } = lambda.configurationOf(functionName);
    for (const action of QUEUE_RIGHTS) {
      demand(
        iam.allows(roleArn, action, queueArn),
        `The provided execution role does not have permissions to call ${action.slice(4)} on SQS`,
      );
    }
    const { visibilityTimeout } = sqs.queue(queueArn).configuration;
    demand(
      visibilityTimeout >= timeout,
      `Queue visibility timeout: ${visibilityTimeout} seconds is less than Function timeout: ${timeout} seconds`,
    );
    demand(
      Number.isInteger(batchSize) && batchSize >= 1 && batchSize <= 10,
      `BatchSize of a FIFO queue must be 1 to 10, got ${batchSize}`,
    );
    demand(
      maxConcurrency === undefined || (maxConcurrency >= 2 && maxConcurrency <= 1000),
      `MaximumConcurrency must be 2 to 1000, got ${maxConcurrency}`,
    );
  }

  private find(id: string): EventSourceMapping {
    const mapping = this.mappings.get(id);
    if (mapping) return mapping;
    throw new ServiceError(
      'ResourceNotFoundException',
      'The resource you requested does not exist.',
      404,
    );
  }
}

function demand(condition: boolean, message: string): void {
  if (!condition) throw new ServiceError('InvalidParameterValueException', message);
}
