import type { AuthenticatedUpdate } from '../inbound/authenticate.ts';

/** What goes on the queue, by SQS's names. */
export interface Message {
  readonly MessageBody: string;
  readonly MessageGroupId: string;
  readonly MessageDeduplicationId: string;
}

/**
 * An update as a message of a FIFO queue. What must stay in order shares a group; what Telegram delivers
 * again within 5 minutes, because it did not hear the answer, shares a deduplication id. The group says whose
 * update it is, which the deduplication id no longer does once SQS has moved the message.
 */
export function messageOf({ update, text }: AuthenticatedUpdate, botId: string): Message {
  return {
    MessageBody: withoutForbidden(text),
    MessageGroupId: `${botId}-${groupOf(update)}`,
    MessageDeduplicationId: `${botId}-${update.update_id}`,
  };
}

/** The places in which updates of all types, those to come included, name who is concerned. */
interface Content {
  readonly id?: string | number;
  readonly chat?: Party;
  readonly voter_chat?: Party;
  readonly message?: { readonly chat?: Party };
  readonly from?: Party;
  readonly user?: Party;
}

interface Party {
  readonly id: number;
}

/** The chat, else the user, else the poll, else the update alone. */
function groupOf({ update_id, ...rest }: AuthenticatedUpdate['update']): string {
  const [type, content] = (Object.entries(rest)[0] ?? []) as [string?, Content?];
  const chat = content?.chat ?? content?.message?.chat ?? content?.voter_chat;
  if (chat) return `chat-${chat.id}`;
  const user = content?.from ?? content?.user;
  if (user) return `user-${user.id}`;
  return type === 'poll' ? `poll-${content?.id}` : `update-${update_id}`;
}

/** What SQS does not take in a message: JSON may spell it out, Telegram sends some of it as it is. */
const FORBIDDEN = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

function withoutForbidden(json: string): string {
  return json.replace(
    FORBIDDEN,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
