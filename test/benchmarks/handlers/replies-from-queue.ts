export { handler } from './replies.ts';
