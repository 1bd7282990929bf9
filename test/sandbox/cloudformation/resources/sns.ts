import type { PolicyDocument } from '../../aws/iam.ts';
import { physicalName } from '../names.ts';
import { nameOf, resourceType } from './resource-type.ts';
import { json, listOf, object, only, optional, text } from './shape.ts';

const protocol = only('email', 'email-json');

/** `AWS::SNS::Topic`: a standard topic without encryption of its own. */
export const topic = resourceType({
  properties: {
    TopicName: optional(text),
    DisplayName: optional(text),
    Subscription: optional(listOf(object({ Protocol: protocol, Endpoint: text }))),
    Tags: optional(json()),
  },
  replacedBy: ['TopicName'],
  attributes: ['TopicArn', 'TopicName'],
  create({ TopicName, Subscription = [] }, context) {
    const name = nameOf(TopicName, context, 256);
    const { arn } = context.aws.sns.createTopic(name, context.location);
    for (const _ of Subscription) context.aws.sns.subscribe(arn);
    return { physicalId: arn, attributes: { TopicArn: arn, TopicName: name } };
  },
  delete: ({ physicalId }, _, { aws }) => aws.sns.deleteTopic(physicalId),
});

/** `AWS::SNS::TopicPolicy`. It replaces the default policy, which lets the account's own alarms publish. */
export const topicPolicy = resourceType({
  properties: { PolicyDocument: json<PolicyDocument>(), Topics: listOf(text) },
  replacedBy: ['Topics'],
  create({ PolicyDocument, Topics }, { aws, stackName, logicalId }) {
    for (const arn of Topics) aws.sns.setPolicy(arn, PolicyDocument);
    return { physicalId: physicalName(stackName, logicalId, 100), attributes: {} };
  },
  update(_, { properties: { PolicyDocument, Topics } }, { aws }) {
    for (const arn of Topics) aws.sns.setPolicy(arn, PolicyDocument);
  },
  delete(_, { Topics }, { aws }) {
    for (const arn of Topics) aws.sns.setPolicy(arn);
  },
});

/** `AWS::SNS::Subscription` by email, which nobody confirms here. */
export const subscription = resourceType({
  properties: { TopicArn: text, Protocol: protocol, Endpoint: text },
  replacedBy: ['TopicArn', 'Protocol', 'Endpoint'],
  create({ TopicArn }, { aws }) {
    return { physicalId: aws.sns.subscribe(TopicArn).arn, attributes: {} };
  },
  delete: ({ physicalId }, _, { aws }) => aws.sns.unsubscribe(physicalId),
});
