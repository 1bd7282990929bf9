import { receive } from '../../functions/receiver/index.ts';

function find(): never {
  throw new Error('This bot finds nothing');
}

export const handler = receive(async () => find());
