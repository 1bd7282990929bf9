import type { FunctionConfiguration } from './aws/lambda/configuration.ts';

/** Whether a function is the kit's registrar, which waits for what AWS and Telegram take time for elsewhere. */
export function isRegistrar({ constructPath = '' }: FunctionConfiguration): boolean {
  return /(^|\/)Registrar\/Function\/Resource$/.test(constructPath);
}
