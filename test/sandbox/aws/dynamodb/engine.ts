import type { Server } from 'node:http';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { arnOf, type Location } from '../account.ts';

/** The operations of dynalite. */
export const OPERATIONS = [
  'BatchGetItem',
  'BatchWriteItem',
  'CreateTable',
  'DeleteItem',
  'DeleteTable',
  'DescribeTable',
  'DescribeTimeToLive',
  'GetItem',
  'ListTables',
  'ListTagsOfResource',
  'PutItem',
  'Query',
  'Scan',
  'TagResource',
  'UntagResource',
  'UpdateItem',
  'UpdateTable',
];

export interface EngineAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  /** JSON. */
  readonly body: string;
}

/** What a dynalite server needs of a request. It verifies no signature. */
const HEADERS = {
  'content-type': 'application/x-amz-json-1.0',
  authorization:
    'AWS4-HMAC-SHA256 Credential=sandbox/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
  'x-amz-date': '20260101T000000Z',
};
/** The prefix of the ARNs in its answers, which know no account. */
const NOWHERE = /arn:aws:dynamodb:[\w-]+:\d+:/g;

/**
 * The tables of one location: a dynalite that is called in this process, without a port. It is loaded with the
 * first table, because most apps have none.
 */
export class DynamoDbEngine {
  private readonly location: Location;
  private server?: Promise<Server>;

  constructor(location: Location) {
    this.location = location;
  }

  async call(operation: string, input: object): Promise<EngineAnswer> {
    this.server ??= load();
    const server = await this.server;
    const request = Object.assign(Readable.from([Buffer.from(JSON.stringify(input))]), {
      method: 'POST',
      url: '/',
      headers: { ...HEADERS, 'x-amz-target': `DynamoDB_20120810.${operation}` },
    });
    const { status, headers, body } = await new Promise<EngineAnswer>((resolve) => {
      const received: Record<string, string> = {};
      const response = {
        statusCode: 200,
        setHeader: (name: string, value: unknown) => {
          received[name.toLowerCase()] = String(value);
        },
        end(text = '') {
          resolve({ status: this.statusCode, headers: received, body: text });
        },
      };
      server.emit('request', request as never, response as never);
    });
    // The checksum and the length are those of the body before its ARNs are corrected.
    const { 'x-amzn-requestid': requestId = '' } = headers;
    const located = body.replaceAll(NOWHERE, arnOf('dynamodb', '', this.location));
    return { status, headers: { 'x-amzn-requestid': requestId }, body: located };
  }

  /** Calls an operation for the sandbox itself. @throws Error with dynalite's reason when it refuses */
  async perform(operation: string, input: object): Promise<Record<string, unknown>> {
    const { status, body } = await this.call(operation, input);
    const output = JSON.parse(body);
    if (status === 200) return output;
    throw new Error(`${operation}: ${output.message ?? output.Message ?? output.__type}`);
  }

  /** Resolves when a table is active, or is gone. */
  async settle(TableName: string): Promise<void> {
    for (;;) {
      const { status, body } = await this.call('DescribeTable', { TableName });
      if (status !== 200 || JSON.parse(body).Table.TableStatus === 'ACTIVE') return;
      await sleep(1);
    }
  }
}

async function load(): Promise<Server> {
  const { default: dynalite } = await import('dynalite');
  return dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
}
