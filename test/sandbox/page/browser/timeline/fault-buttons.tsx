import type { FaultCode } from '../../protocol.ts';
import { usePageActions } from '../actions.ts';

const CODES: readonly { readonly code: FaultCode; readonly meaning: string }[] = [
  { code: 429, meaning: 'Too Many Requests' },
  { code: 403, meaning: 'the person has blocked the bot' },
  { code: 400, meaning: 'chat not found' },
];

interface FaultButtonsProps {
  readonly botId: number;
  readonly method: string;
}

/** Lets the next call of a method fail. */
export function FaultButtons({ botId, method }: FaultButtonsProps) {
  const { act, can, notify } = usePageActions();
  const add = async (code: FaultCode) => {
    const { ok } = await act({ do: 'add fault', botId, method, code });
    if (ok) notify(`The next ${method} gets ${code}.`);
  };
  if (!can('add fault')) return null;
  return (
    <fieldset class="fault-buttons" aria-label={`Answer the next ${method} with`}>
      Answer the next <code>{method}</code> with{' '}
      {CODES.map(({ code, meaning }) => (
        <button
          key={code}
          type="button"
          class="small"
          title={meaning}
          aria-label={`${code}: ${meaning}`}
          onClick={() => add(code)}
        >
          {code}
        </button>
      ))}
    </fieldset>
  );
}
