import { type Clock, systemClock } from '../clock.ts';
import type { Network } from '../network/network.ts';
import { ACCOUNT, REGION } from './account.ts';
import { ApiGateway } from './api-gateway/api-gateway.ts';
import { EventSourceMappings } from './event-sources/event-source-mappings.ts';
import { Iam } from './iam.ts';
import { Kms } from './kms.ts';
import type { LambdaService } from './lambda/lambda-service.ts';
import { Logs } from './logs.ts';
import { ResponseBucket } from './responses.ts';
import { SecretsManager } from './secrets-manager.ts';
import { Sqs } from './sqs/sqs.ts';

/** The services that a Lambda service builds on. */
export interface LambdaDependencies {
  readonly network: Network;
  readonly clock: Clock;
  readonly iam: Iam;
  readonly logs: Logs;
}

/** The AWS services that the stack uses, in one account and one region. */
export class Aws<L extends LambdaService = LambdaService> {
  readonly region = REGION;
  readonly account = ACCOUNT;
  readonly iam: Iam;
  readonly logs: Logs;
  readonly kms: Kms;
  readonly secrets: SecretsManager;
  readonly lambda: L;
  readonly apiGateway: ApiGateway;
  readonly responses: ResponseBucket;
  readonly sqs: Sqs;
  readonly eventSources: EventSourceMappings;

  /** Starts the services. `startLambda` sets how functions run: in processes (`Lambda`) or by other means. */
  static async start<L extends LambdaService>(options: {
    network: Network;
    /** @default systemClock */
    clock?: Clock;
    startLambda: (dependencies: LambdaDependencies) => L | Promise<L>;
  }): Promise<Aws<L>> {
    const { network, clock = systemClock, startLambda } = options;
    const dependencies = { network, clock, iam: new Iam(), logs: new Logs() };
    return new Aws({ ...dependencies, lambda: await startLambda(dependencies) });
  }

  private constructor(parts: LambdaDependencies & { lambda: L }) {
    this.iam = parts.iam;
    this.logs = parts.logs;
    this.lambda = parts.lambda;
    this.kms = new Kms(parts);
    this.secrets = new SecretsManager({ ...parts, kms: this.kms });
    this.apiGateway = new ApiGateway(parts);
    this.responses = new ResponseBucket(parts);
    this.sqs = new Sqs(parts);
    this.eventSources = new EventSourceMappings({ ...parts, sqs: this.sqs });
  }

  /** Stops the event sources and ends every function. */
  close(): Promise<void> {
    this.eventSources.close();
    this.sqs.close();
    return this.lambda.close();
  }
}
