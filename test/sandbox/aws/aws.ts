import { type Clock, systemClock } from '../clock.ts';
import type { Leniency } from '../leniency.ts';
import { EmulatedProxies } from '../network/emulated-proxies.ts';
import type { Network } from '../network/network.ts';
import { ACCOUNT, REGION } from './account.ts';
import { ApiGateway } from './api-gateway/api-gateway.ts';
import { AssetBuckets } from './asset-buckets.ts';
import { CloudWatch } from './cloudwatch/cloudwatch.ts';
import { Metrics } from './cloudwatch/metrics.ts';
import { DynamoDb } from './dynamodb/dynamodb.ts';
import { EventBridge } from './event-bridge/event-bridge.ts';
import { EventSourceMappings } from './event-sources/event-source-mappings.ts';
import { Iam } from './iam.ts';
import { Kms } from './kms.ts';
import { AsyncInvocations, EventInvokeConfigs } from './lambda/async-invocations.ts';
import { FunctionUrls } from './lambda/function-urls.ts';
import type { LambdaService } from './lambda/lambda-service.ts';
import { Logs } from './logs.ts';
import { serveLogs } from './logs-api.ts';
import { ParameterStore } from './parameter-store.ts';
import { ResponseBucket } from './responses.ts';
import { Route53 } from './route53.ts';
import { Scheduler } from './scheduler/scheduler.ts';
import { SecretsManager } from './secrets-manager.ts';
import { Sns } from './sns.ts';
import { Sqs } from './sqs/sqs.ts';
import { serveSts } from './sts.ts';

/** The services that a Lambda service builds on. */
export interface LambdaDependencies {
  readonly network: Network;
  readonly clock: Clock;
  readonly iam: Iam;
  readonly logs: Logs;
  readonly metrics: Metrics;
}

/** The AWS services that the stack uses, in one account and one region. */
export class Aws<L extends LambdaService = LambdaService> {
  readonly network: Network;
  readonly region = REGION;
  readonly account = ACCOUNT;
  readonly iam: Iam;
  readonly logs: Logs;
  readonly metrics: Metrics;
  readonly cloudWatch: CloudWatch;
  readonly eventBridge: EventBridge;
  readonly sns: Sns;
  readonly kms: Kms;
  readonly secrets: SecretsManager;
  readonly lambda: L;
  readonly eventInvokeConfigs = new EventInvokeConfigs();
  /** Events that other services send to functions without waiting for the outcome. */
  readonly invocations: AsyncInvocations;
  readonly scheduler: Scheduler;
  readonly route53: Route53;
  readonly apiGateway: ApiGateway;
  /** What is in front of AWS, in lenient mode. */
  readonly proxies: EmulatedProxies;
  readonly functionUrls: FunctionUrls;
  readonly responses: ResponseBucket;
  readonly assets: AssetBuckets;
  readonly sqs: Sqs;
  readonly eventSources: EventSourceMappings;
  /** Serves nothing until a region is opened, which strict mode does not do. */
  readonly dynamoDb: DynamoDb;
  readonly parameters: ParameterStore;
  private readonly clock: Clock;
  private readonly regions = new Set<string>();

  /** Starts the services. `startLambda` sets how functions run: in processes (`Lambda`) or by other means. */
  static async start<L extends LambdaService>(options: {
    network: Network;
    /** @default systemClock */
    clock?: Clock;
    startLambda: (dependencies: LambdaDependencies) => L | Promise<L>;
    /** Makes the services lenient. @default strict */
    leniency?: Leniency;
  }): Promise<Aws<L>> {
    const { network, clock = systemClock, startLambda, leniency } = options;
    const logs = new Logs(clock);
    const metrics = new Metrics(clock, logs);
    const dependencies = { network, clock, iam: new Iam(leniency), logs, metrics };
    return new Aws({ ...dependencies, leniency, lambda: await startLambda(dependencies) });
  }

  private constructor(parts: LambdaDependencies & { lambda: L; leniency?: Leniency }) {
    this.network = parts.network;
    this.clock = parts.clock;
    this.iam = parts.iam;
    this.logs = parts.logs;
    this.lambda = parts.lambda;
    const { eventInvokeConfigs } = this;
    this.invocations = new AsyncInvocations({ ...parts, eventInvokeConfigs });
    this.metrics = parts.metrics;
    this.scheduler = new Scheduler({ ...parts, invocations: this.invocations });
    this.eventBridge = new EventBridge({ ...parts, invocations: this.invocations });
    this.sns = new Sns(parts);
    this.cloudWatch = new CloudWatch({
      ...parts,
      measure: (time) => this.sqs.measure(parts.metrics, time),
      publish: (topicArn, alarmArn, text) =>
        this.sns.publishAs('cloudwatch.amazonaws.com', alarmArn, { topicArn, ...text }),
      emit: (event) => this.eventBridge.emit(event),
    });
    this.kms = new Kms(parts);
    this.secrets = new SecretsManager({ ...parts, kms: this.kms });
    this.route53 = new Route53(parts);
    this.apiGateway = new ApiGateway({ ...parts, route53: this.route53 });
    this.proxies = new EmulatedProxies(parts);
    this.functionUrls = new FunctionUrls(parts);
    this.responses = new ResponseBucket(parts);
    this.assets = new AssetBuckets(parts);
    this.sqs = new Sqs(parts);
    this.dynamoDb = new DynamoDb(parts);
    this.parameters = new ParameterStore(parts);
    this.eventSources = new EventSourceMappings({ ...parts, sqs: this.sqs });
    this.serveIn(REGION);
  }

  /** Serves the APIs of a region to which a stack is deployed in lenient mode. */
  openRegion(region: string): void {
    this.sqs.serveIn(region);
    this.secrets.serveIn(region);
    this.dynamoDb.serveIn(region);
    this.parameters.serveIn(region);
    this.lambda.serveIn?.(region);
    this.serveIn(region);
  }

  private serveIn(region: string): void {
    if (this.regions.has(region)) return;
    this.regions.add(region);
    this.scheduler.serveIn(region);
    this.cloudWatch.serveIn(region);
    this.assets.serveIn(region);
    serveLogs(this, region);
    const { network, iam, clock } = this;
    serveSts({ network, iam, clock }, region);
  }

  /** Stops the event sources and the schedules, and ends every function. */
  async close(): Promise<void> {
    this.eventSources.close();
    this.scheduler.close();
    this.cloudWatch.close();
    this.sqs.close();
    const delivered = this.invocations.close();
    await this.lambda.close();
    await delivered;
  }
}
