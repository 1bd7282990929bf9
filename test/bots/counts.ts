import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { receive } from '../../functions/receiver/index.ts';

const table = DynamoDBDocumentClient.from(new DynamoDBClient());

/** Counts the messages of each chat in a DynamoDB table, as a bot of a user would. */
export const handler = receive(async ({ message }) => {
  if (!message) return undefined;
  const chat_id = message.chat.id;
  try {
    const { Attributes } = await table.send(
      new UpdateCommand({
        TableName: process.env.TABLE_NAME,
        Key: { chat: String(chat_id) },
        UpdateExpression: 'ADD messages :one',
        ExpressionAttributeValues: { ':one': 1 },
        ReturnValues: 'UPDATED_NEW',
      }),
    );
    return { method: 'sendMessage', chat_id, text: `Message ${Attributes?.messages}` };
  } catch (error) {
    return { method: 'sendMessage', chat_id, text: (error as Error).name };
  }
});
