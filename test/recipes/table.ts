import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { receive } from '../../functions/receiver/index.ts';

const table = DynamoDBDocumentClient.from(new DynamoDBClient());

export const handler = receive(async ({ message }) => {
  if (!message?.text) return undefined;
  const { Attributes } = await table.send(
    new UpdateCommand({
      TableName: process.env.TABLE_NAME,
      Key: { chat: String(message.chat.id) },
      UpdateExpression: 'ADD messages :one',
      ExpressionAttributeValues: { ':one': 1 },
      ReturnValues: 'UPDATED_NEW',
    }),
  );
  const text = `That was message ${Attributes?.messages}.`;
  return { method: 'sendMessage', chat_id: message.chat.id, text };
});
