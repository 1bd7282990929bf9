import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
} from '@aws-sdk/lib-dynamodb';

const documents = DynamoDBDocumentClient.from(new DynamoDBClient());
const TableName = process.env.TABLE_NAME;

/** Sessions in a DynamoDB table, with the methods that storages have in grammY and in Telegraf. */
export const sessions = {
  async read<T>(chat: string): Promise<T | undefined> {
    const { Item } = await documents.send(new GetCommand({ TableName, Key: { chat } }));
    return Item?.session as T | undefined;
  },
  async write(chat: string, session: object): Promise<void> {
    await documents.send(new PutCommand({ TableName, Item: { chat, session } }));
  },
  async delete(chat: string): Promise<void> {
    await documents.send(new DeleteCommand({ TableName, Key: { chat } }));
  },
};

export interface Visits {
  visits: number;
}
