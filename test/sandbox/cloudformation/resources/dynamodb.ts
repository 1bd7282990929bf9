import type { TableDefinition } from '../../aws/dynamodb/dynamodb.ts';
import { type Context, type EmulatedResourceType, nameOf, resourceType } from './resource-type.ts';
import { json, listOf, optional, text } from './shape.ts';

/** What both types have in common. All other properties have no effect, the expiry of items among them. */
const properties = {
  TableName: optional(text),
  AttributeDefinitions: listOf(json<object>()),
  KeySchema: listOf(json<object>()),
  GlobalSecondaryIndexes: optional(listOf(json<object>())),
  LocalSecondaryIndexes: optional(listOf(json<object>())),
  BillingMode: optional(text),
  ProvisionedThroughput: optional(json()),
  WriteProvisionedThroughputSettings: optional(json()),
  WriteOnDemandThroughputSettings: optional(json()),
  OnDemandThroughput: optional(json()),
  StreamSpecification: optional(json()),
  TimeToLiveSpecification: optional(json()),
  DeletionProtectionEnabled: optional(text),
  Replicas: optional(json()),
};

/** `AWS::DynamoDB::Table` and `AWS::DynamoDB::GlobalTable`, of which only the table in the stack's region exists. */
export const table: EmulatedResourceType = resourceType({
  properties,
  replacedBy: ['TableName', 'KeySchema', 'LocalSecondaryIndexes'],
  attributes: ['Arn', 'StreamArn', 'TableId'],
  async create(wanted, context) {
    const name = nameOf(wanted.TableName, context, 255);
    const definition = definitionOf(name, wanted);
    const { arn } = await context.aws.dynamoDb.createTable(definition, context.location);
    const StreamArn = `${arn}/stream/2026-01-01T00:00:00.000`;
    return { physicalId: name, attributes: { Arn: arn, StreamArn } };
  },
  async update({ physicalId }, change, { aws, location }) {
    await aws.dynamoDb.updateTable(definitionOf(physicalId, change.properties), location);
  },
  delete: ({ physicalId }, _, { aws, location }: Context) =>
    aws.dynamoDb.deleteTable(physicalId, location),
});

function definitionOf(TableName: string, wanted: Omit<TableDefinition, 'TableName'>) {
  const { AttributeDefinitions, KeySchema, GlobalSecondaryIndexes, LocalSecondaryIndexes } = wanted;
  return {
    TableName,
    AttributeDefinitions,
    KeySchema,
    GlobalSecondaryIndexes,
    LocalSecondaryIndexes,
  };
}
