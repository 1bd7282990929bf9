import type { Message } from '@grammyjs/types';

/** The message that the composer answers or changes. */
export interface Target {
  readonly kind: 'reply' | 'edit';
  readonly message: Message;
}
