export const handler = undefined;

throw new Error('This bot does not even start');
