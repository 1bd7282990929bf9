import { systemClock, type WallClock } from '../clock.ts';
import type { LocalNetwork } from '../network/local-network.ts';
import { ACCOUNT, REGION } from './account.ts';
import { ApiGateway } from './api-gateway/api-gateway.ts';
import { EventSourceMappings } from './event-sources/event-source-mappings.ts';
import { Iam } from './iam.ts';
import { Lambda } from './lambda/lambda.ts';
import { Logs } from './logs.ts';
import { ResponseBucket } from './responses.ts';
import { SecretsManager } from './secrets-manager.ts';
import { Sqs } from './sqs/sqs.ts';

/** The AWS services that the stack uses, in one account and one region. */
export class Aws {
  readonly region = REGION;
  readonly account = ACCOUNT;
  readonly iam: Iam;
  readonly logs: Logs;
  readonly secrets: SecretsManager;
  readonly lambda: Lambda;
  readonly apiGateway: ApiGateway;
  readonly responses: ResponseBucket;
  readonly sqs: Sqs;
  readonly eventSources: EventSourceMappings;

  /** `directory` is the sandbox's own and temporary; what is written there is left to its owner. */
  static async start(options: {
    network: LocalNetwork;
    directory: string;
    /** @default systemClock */
    clock?: WallClock;
  }): Promise<Aws> {
    const { network, directory, clock = systemClock } = options;
    const iam = new Iam();
    const logs = new Logs();
    const lambda = await Lambda.start({ network, directory, clock, iam, logs });
    return new Aws({ network, clock, iam, logs, lambda });
  }

  private constructor(parts: {
    network: LocalNetwork;
    clock: WallClock;
    iam: Iam;
    logs: Logs;
    lambda: Lambda;
  }) {
    this.iam = parts.iam;
    this.logs = parts.logs;
    this.lambda = parts.lambda;
    this.secrets = new SecretsManager(parts);
    this.apiGateway = new ApiGateway(parts);
    this.responses = new ResponseBucket(parts);
    this.sqs = new Sqs(parts);
    this.eventSources = new EventSourceMappings({ ...parts, sqs: this.sqs });
  }

  /** Ends every function's process. */
  close(): Promise<void> {
    this.eventSources.close();
    this.sqs.close();
    return this.lambda.close();
  }
}
