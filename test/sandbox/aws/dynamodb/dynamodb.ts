import { isDeepStrictEqual } from 'node:util';
import type { Network } from '../../network/network.ts';
import { arnOf, type Location, locationOf } from '../account.ts';
import type { Caller, Iam } from '../iam.ts';
import { authorize, callerOf, type JsonApiAnswer, jsonApi } from '../json-api.ts';
import { ServiceError } from '../service-error.ts';
import { DynamoDbEngine, OPERATIONS } from './engine.ts';

/** The input of `CreateTable`, as far as the tables of a stack have it. */
export interface TableDefinition {
  readonly TableName: string;
  readonly AttributeDefinitions: readonly object[];
  readonly KeySchema: readonly object[];
  readonly GlobalSecondaryIndexes?: readonly object[];
  readonly LocalSecondaryIndexes?: readonly object[];
}

type Input = Record<string, unknown>;

const PREFIX = 'DynamoDB_20120810.';
/** The most requests in one `BatchWriteItem`. */
const BATCH = 25;

/** DynamoDB in lenient mode: tables with their indexes, and the permissions of the caller's role. */
export class DynamoDb {
  private readonly network: Pick<Network, 'serve'>;
  private readonly iam: Iam;
  private readonly regions = new Set<string>();
  private readonly engines = new Map<string, DynamoDbEngine>();
  /** By ARN. */
  private readonly tables = new Map<string, TableDefinition>();

  constructor(options: { network: Pick<Network, 'serve'>; iam: Iam }) {
    this.network = options.network;
    this.iam = options.iam;
  }

  /** Serves the API of a region, if it is not served yet. */
  serveIn(region: string): void {
    if (this.regions.has(region)) return;
    this.regions.add(region);
    this.network.serve(
      `dynamodb.${region}.amazonaws.com`,
      jsonApi('application/x-amz-json-1.0', (request, text) => {
        const target = String(request.headers['x-amz-target']);
        const operation = target.startsWith(PREFIX) ? target.slice(PREFIX.length) : target;
        const caller = callerOf(request, this.iam, 'dynamodb', region);
        return this.answer(operation, JSON.parse(text), { caller, region });
      }),
    );
  }

  /** Creates a table. @throws ServiceError when there is one of this name, Error when the definition is refused */
  async createTable(definition: TableDefinition, location: Location): Promise<{ arn: string }> {
    const { TableName } = definition;
    const arn = arnOf('dynamodb', `table/${TableName}`, location);
    if (this.tables.has(arn)) {
      throw new ServiceError('ResourceInUseException', `Table already exists: ${TableName}`);
    }
    const engine = this.engine(location);
    await engine.perform('CreateTable', onDemand(definition));
    await engine.settle(TableName);
    this.tables.set(arn, definition);
    return { arn };
  }

  /** Changes the indexes of a table. Its items stay: dynalite cannot add an index, so they move to a new table. */
  async updateTable(definition: TableDefinition, location: Location): Promise<void> {
    const { TableName } = definition;
    const arn = arnOf('dynamodb', `table/${TableName}`, location);
    if (isDeepStrictEqual(this.tables.get(arn), definition)) return;
    const engine = this.engine(location);
    const items = await scan(engine, TableName);
    await this.deleteTable(TableName, location);
    await this.createTable(definition, location);
    for (let at = 0; at < items.length; at += BATCH) {
      const requests = items.slice(at, at + BATCH).map((Item) => ({ PutRequest: { Item } }));
      await engine.perform('BatchWriteItem', { RequestItems: { [TableName]: requests } });
    }
  }

  async deleteTable(TableName: string, location: Location): Promise<void> {
    const arn = arnOf('dynamodb', `table/${TableName}`, location);
    if (!this.tables.delete(arn)) {
      throw new ServiceError('ResourceNotFoundException', `Table: ${TableName} not found`);
    }
    const engine = this.engine(location);
    await engine.perform('DeleteTable', { TableName });
    await engine.settle(TableName);
  }

  private async answer(
    operation: string,
    input: Input,
    { caller, region }: { caller: Caller; region: string },
  ): Promise<JsonApiAnswer> {
    if (!OPERATIONS.includes(operation)) {
      throw new ServiceError(
        'UnknownOperationException',
        `${operation} works on AWS, but not in the sandbox: its DynamoDB has no transactions, no PartiQL and no streams`,
      );
    }
    const { account } = locationOf(caller.roleArn);
    const location = { account, region };
    const local = { ...input };
    if (typeof input.TableName === 'string') local.TableName = nameIn(input.TableName);
    for (const resource of resourcesOf(local, location)) {
      const action = `dynamodb:${operation}`;
      authorize(this.iam, caller, { action, resource, status: 400 });
    }
    return this.engine(location).call(operation, local);
  }

  private engine(location: Location): DynamoDbEngine {
    const key = `${location.account}/${location.region}`;
    const engine = this.engines.get(key) ?? new DynamoDbEngine(location);
    this.engines.set(key, engine);
    return engine;
  }
}

/** Returns the ARNs that a policy must allow for a call: of its tables, or of the index that it reads. */
function resourcesOf(input: Input, location: Location): string[] {
  const { TableName, IndexName, RequestItems, ResourceArn } = input;
  const table = (name: unknown) => arnOf('dynamodb', `table/${name}`, location);
  if (RequestItems) return Object.keys(RequestItems).map((name) => table(nameIn(name)));
  if (ResourceArn) return [String(ResourceArn)];
  if (!TableName) return ['*'];
  return [IndexName ? `${table(TableName)}/index/${IndexName}` : table(TableName)];
}

/** Returns the name of a table, which a caller may give as an ARN. */
function nameIn(nameOrArn: string): string {
  return nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1);
}

/** Leaves out the capacity, which has no effect here. */
function onDemand(definition: TableDefinition): object {
  const { TableName, AttributeDefinitions, KeySchema } = definition;
  const indexes = (given: readonly object[] | undefined) =>
    given?.map((index) => {
      const { IndexName, KeySchema, Projection } = index as Record<string, unknown>;
      return { IndexName, KeySchema, Projection };
    });
  return {
    TableName,
    AttributeDefinitions,
    KeySchema,
    BillingMode: 'PAY_PER_REQUEST',
    GlobalSecondaryIndexes: indexes(definition.GlobalSecondaryIndexes),
    LocalSecondaryIndexes: indexes(definition.LocalSecondaryIndexes),
  };
}

async function scan(engine: DynamoDbEngine, TableName: string): Promise<unknown[]> {
  const items: unknown[] = [];
  let start: unknown;
  do {
    const page = await engine.perform('Scan', { TableName, ExclusiveStartKey: start });
    items.push(...(page.Items as unknown[]));
    start = page.LastEvaluatedKey;
  } while (start);
  return items;
}
