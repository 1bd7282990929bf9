import type { Message } from '../aws/sqs.ts';
import { toMessageGroup } from '../contract.ts';
import type { AuthenticatedUpdate } from '../inbound/authenticate.ts';

/**
 * Turns an update into a message of a FIFO queue. Updates that must stay in order share a group. An update
 * that Telegram delivers again within 5 minutes, because the response was lost, has the same deduplication id,
 * so SQS ignores it. The group names the bot as well, because SQS drops that id when it moves a message.
 */
export function toMessage({ update, text }: AuthenticatedUpdate, botId: string): Message {
  return {
    MessageBody: escapeForbidden(text),
    MessageGroupId: toMessageGroup(botId, subjectOf(update)),
    MessageDeduplicationId: `${botId}-${update.update_id}`,
  };
}

/** The fields in which updates of any type, future ones included, name the chat or the user concerned. */
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

/**
 * Names what an update is about: its chat, else its user, else its poll, else the update itself. The content of an
 * update is its first object, because Telegram may add plain fields beside it.
 */
function subjectOf({ update_id, ...rest }: AuthenticatedUpdate['update']): string {
  const isObject = (value: unknown) => typeof value === 'object' && value !== null;
  const [type, content]: [string?, Content?] =
    Object.entries(rest).find(([, value]) => isObject(value)) ?? [];
  const { chat, message, voter_chat, from, user, id } = content ?? {};
  const chatId = chat?.id ?? message?.chat?.id ?? voter_chat?.id;
  if (chatId !== undefined) return `chat-${chatId}`;
  const userId = from?.id ?? user?.id;
  if (userId !== undefined) return `user-${userId}`;
  return type === 'poll' ? `poll-${id}` : `update-${update_id}`;
}

/**
 * Characters that SQS refuses in a message, and that JSON can escape: halves of surrogate pairs and two noncharacters.
 * SQS refuses most control characters too, but JSON that was parsed contains none.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 */
const FORBIDDEN = /[\u{D800}-\u{DFFF}\u{FFFE}\u{FFFF}]/gu;

function escapeForbidden(json: string): string {
  // These checks are far quicker than a regular expression, above all for text in Latin letters.
  if (json.isWellFormed() && !json.includes('\uFFFE') && !json.includes('\uFFFF')) return json;
  return json.replace(FORBIDDEN, (character) => `\\u${character.charCodeAt(0).toString(16)}`);
}
