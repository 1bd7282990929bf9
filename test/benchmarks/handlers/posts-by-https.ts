import { request } from 'node:https';
import { json } from 'node:stream/consumers';
import { apiRoot, botToken, receive } from '../../../functions/receiver/index.ts';

export const handler = receive(async ({ message }) => {
  const url = `${apiRoot()}/bot${await botToken()}/sendMessage`;
  const body = JSON.stringify({ chat_id: message?.chat.id, text: message?.text });
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  };
  await new Promise((resolve, reject) => {
    const outgoing = request(url, { method: 'POST', headers }, (response) => {
      json(response).then(resolve, reject);
    });
    outgoing.on('error', reject).end(body);
  });
});
