import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LocalNetwork } from '../../network/local-network.ts';
import { allow, lambdaTrust } from '../fixtures.ts';
import { Iam } from '../iam.ts';
import { DynamoDb, type TableDefinition } from './dynamodb.ts';

const location = { account: '123456789012', region: 'us-east-1' };
const arn = 'arn:aws:dynamodb:us-east-1:123456789012:table/Chats';
const chats: TableDefinition = {
  TableName: 'Chats',
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
};
const byDate: TableDefinition = {
  ...chats,
  AttributeDefinitions: [
    ...chats.AttributeDefinitions,
    { AttributeName: 'date', AttributeType: 'N' },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'ByDate',
      KeySchema: [{ AttributeName: 'date', KeyType: 'HASH' }],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
};
const item = (id: string, date = '1') => ({ id: { S: id }, date: { N: date } });

let network: LocalNetwork;
let iam: Iam;
let dynamoDb: DynamoDb;

beforeAll(async () => {
  network = await LocalNetwork.open();
  iam = new Iam();
  dynamoDb = new DynamoDb({ network, iam });
  dynamoDb.serveIn('us-east-1');
});

afterAll(() => network.close());

let roles = 0;

/** Calls an operation as a function whose role has the permissions. */
async function call(
  operation: string,
  input: object,
  policy = allow('dynamodb:*', '*'),
): Promise<[number, Record<string, unknown>]> {
  const name = `role-${++roles}`;
  const role = iam.createRole({ name, trust: lambdaTrust, managedPolicyArns: [] });
  iam.putPolicy(name, 'policy', policy);
  const { accessKeyId, sessionToken } = iam.credentials(role.arn);
  const url = new URL('https://dynamodb.us-east-1.amazonaws.com/');
  const { status, body } = await network.request(url, {
    method: 'POST',
    headers: {
      'x-amz-target': `DynamoDB_20120810.${operation}`,
      'x-amz-security-token': sessionToken,
      authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20260101/us-east-1/dynamodb/aws4_request, Signature=0`,
    },
    body: JSON.stringify(input),
  });
  return [status, JSON.parse(body.toString())];
}

async function withTable(definition: TableDefinition, use: () => Promise<void>): Promise<void> {
  await dynamoDb.createTable(definition, location);
  try {
    await use();
  } finally {
    await dynamoDb.deleteTable(definition.TableName, location);
  }
}

describe('a table', () => {
  it('stores items and finds them by key and by index', () =>
    withTable(byDate, async () => {
      await call('PutItem', { TableName: 'Chats', Item: item('a', '7') });
      const [, found] = await call('GetItem', { TableName: 'Chats', Key: { id: { S: 'a' } } });
      expect(found.Item).toEqual(item('a', '7'));
      const [, queried] = await call('Query', {
        TableName: 'Chats',
        IndexName: 'ByDate',
        KeyConditionExpression: '#date = :date',
        ExpressionAttributeNames: { '#date': 'date' },
        ExpressionAttributeValues: { ':date': { N: '7' } },
      });
      expect(queried.Items).toEqual([item('a', '7')]);
    }));

  it('has an ARN in its own account, and may be addressed by it', () =>
    withTable(chats, async () => {
      const [, { Table }] = await call('DescribeTable', { TableName: arn });
      expect(Table).toMatchObject({ TableArn: arn, TableStatus: 'ACTIVE' });
    }));

  it('keeps its items when it gets an index', () =>
    withTable(chats, async () => {
      for (let n = 0; n < 30; n++) {
        await call('PutItem', { TableName: 'Chats', Item: item(String(n)) });
      }
      await dynamoDb.updateTable(byDate, location);
      const [, { Count }] = await call('Scan', { TableName: 'Chats', IndexName: 'ByDate' });
      expect(Count).toBe(30);
    }));

  it('exists once in a location, and can be in another one too', () =>
    withTable(chats, async () => {
      await expect(dynamoDb.createTable(chats, location)).rejects.toThrow('already exists: Chats');
      const elsewhere = { account: '111122223333', region: 'eu-west-1' };
      const { arn } = await dynamoDb.createTable(chats, elsewhere);
      expect(arn).toBe('arn:aws:dynamodb:eu-west-1:111122223333:table/Chats');
      await dynamoDb.deleteTable('Chats', elsewhere);
    }));

  it('is gone after its deletion', async () => {
    await withTable(chats, async () => {});
    const [status, error] = await call('GetItem', { TableName: 'Chats', Key: { id: { S: 'a' } } });
    expect([status, error.__type]).toEqual([400, expect.stringContaining('ResourceNotFound')]);
    await expect(dynamoDb.deleteTable('Chats', location)).rejects.toThrow('Chats not found');
  });

  it.each([
    ['an unused attribute', byDate.AttributeDefinitions],
    ['an unknown type', [{ AttributeName: 'id', AttributeType: 'X' }]],
  ])('is refused with %s', async (_, AttributeDefinitions) => {
    const wrong = { ...chats, AttributeDefinitions };
    await expect(dynamoDb.createTable(wrong, location)).rejects.toThrow(/^CreateTable: /);
  });
});

describe('the permissions of the caller', () => {
  const put = { TableName: 'Chats', Item: item('a') };
  const scanIndex = { TableName: 'Chats', IndexName: 'ByDate' };
  const batch = { RequestItems: { Chats: { Keys: [{ id: { S: 'a' } }] } } };

  it.each([
    ['another action', 'PutItem', put, allow('dynamodb:GetItem', arn)],
    ['another table', 'PutItem', put, allow('dynamodb:PutItem', `${arn}s`)],
    ['the table and not its index', 'Scan', scanIndex, allow('dynamodb:Scan', arn)],
    ['another table of a batch', 'BatchGetItem', batch, allow('dynamodb:BatchGetItem', `${arn}s`)],
    ['one table and not all', 'ListTables', {}, allow('dynamodb:ListTables', arn)],
  ])('do not suffice if they are for %s', (_, operation, input, policy) =>
    withTable(byDate, async () => {
      const [status, { __type, message }] = await call(operation, input, policy);
      expect([status, __type]).toEqual([400, 'AccessDeniedException']);
      expect(message).toContain(`is not authorized to perform: dynamodb:${operation} on resource:`);
    }),
  );

  it('suffice for exactly what they name', () =>
    withTable(byDate, async () => {
      const index = allow('dynamodb:Scan', `${arn}/index/ByDate`);
      expect(await call('PutItem', put, allow('dynamodb:PutItem', arn))).toEqual([200, {}]);
      expect((await call('Scan', scanIndex, index))[0]).toBe(200);
      expect((await call('BatchGetItem', batch, allow('dynamodb:BatchGetItem', arn)))[0]).toBe(200);
    }));
});

it.each(['TransactWriteItems', 'ExecuteStatement', 'UpdateTimeToLive'])(
  'says that %s is beyond the sandbox',
  async (operation) => {
    const [status, { __type, message }] = await call(operation, {});
    expect([status, __type]).toEqual([400, 'UnknownOperationException']);
    expect(message).toBe(
      `${operation} works on AWS, but not in the sandbox: its DynamoDB has no transactions, no PartiQL and no streams`,
    );
  },
);
