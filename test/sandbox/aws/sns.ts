import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { arnOf, HOME, locationOf, randomId } from './account.ts';
import { checkPolicy, isTlsDenial, type PolicyDocument, permitsService } from './policy.ts';
import { ServiceError } from './service-error.ts';

export interface PublishedMessage {
  readonly topicArn: string;
  readonly subject: string;
  readonly message: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

interface Topic {
  /** ARNs. */
  readonly subscriptions: Set<string>;
  /** Absent for the default policy, which lets the account's own alarms publish. */
  policy?: PolicyDocument;
}

/** SNS's standard topics. Their messages are kept for tests; subscriptions by email are never confirmed. */
export class Sns {
  /** All messages that any topic has accepted. */
  readonly published: PublishedMessage[] = [];
  private readonly clock: Clock;
  /** By ARN. */
  private readonly topics = new Map<string, Topic>();

  constructor(options: { clock: Clock }) {
    this.clock = options.clock;
  }

  createTopic(name: string, location = HOME): { arn: string } {
    if (!/^[\w-]{1,256}$/.test(name)) {
      const message = `The sandbox's SNS supports only standard topics, got ${name}`;
      throw new ServiceError('InvalidParameter', message);
    }
    const arn = arnOf('sns', name, location);
    if (this.topics.has(arn)) {
      throw new ServiceError('AlreadyExists', `The topic ${name} already exists`);
    }
    this.topics.set(arn, { subscriptions: new Set() });
    return { arn };
  }

  deleteTopic(arn: string): void {
    this.topic(arn);
    this.topics.delete(arn);
  }

  /** Replaces a topic's policy, the default one included. Without a policy, it gets the default one back. */
  setPolicy(arn: string, policy?: PolicyDocument): void {
    if (policy) checkPolicy('topic', withoutTlsDenials(policy), locationOf(arn).account);
    this.topic(arn).policy = policy;
  }

  subscribe(topicArn: string): { arn: string } {
    const arn = `${topicArn}:${randomUUID()}`;
    this.topic(topicArn).subscriptions.add(arn);
    return { arn };
  }

  unsubscribe(arn: string): void {
    this.topics.get(arn.slice(0, arn.lastIndexOf(':')))?.subscriptions.delete(arn);
  }

  /** Publishes for another AWS service. @throws ServiceError if the topic's policy does not let that service */
  publishAs(
    principal: string,
    sourceArn: string,
    message: { topicArn: string; subject: string; message: string },
  ): { id: string } {
    const { topicArn } = message;
    const { policy } = this.topic(topicArn);
    const request = { action: 'sns:Publish', resource: topicArn };
    if (
      policy &&
      !permitsService(withoutTlsDenials(policy), principal, { ...request, sourceArn })
    ) {
      const text = `${principal} is not authorized to perform: sns:Publish on resource: ${topicArn}`;
      throw new ServiceError('AuthorizationError', text, 403);
    }
    this.published.push({ ...message, time: this.clock.now() });
    return { id: randomId(36) };
  }

  private topic(arn: string): Topic {
    const topic = this.topics.get(arn);
    if (topic) return topic;
    throw new ServiceError('NotFound', 'Topic does not exist', 404);
  }
}

/** All requests here use TLS, so the policy of the CDK's `enforceSSL` denies nothing. */
function withoutTlsDenials(policy: PolicyDocument): PolicyDocument {
  return { Statement: [policy.Statement].flat().filter((one) => !isTlsDenial(one)) };
}
