import { receive } from '../../../functions/receiver/index.ts';

export const handler = receive(() => undefined);
