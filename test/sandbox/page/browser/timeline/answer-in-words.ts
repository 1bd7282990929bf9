import type { Call } from '../../../timeline/entries.ts';

/** Says in a few words what Telegram answered: `message 12`, `429 Too Many Requests: retry after 5`. */
export function answerInWords({ answer, durationMs }: Call): string {
  if (!answer) return durationMs === undefined ? 'in progress' : 'no answer';
  if (!answer.ok) return `${answer.error_code} ${answer.description}`;
  const { result } = answer;
  const id = (result as { readonly message_id?: unknown } | null | undefined)?.message_id;
  return typeof id === 'number' ? `message ${id}` : 'ok';
}
