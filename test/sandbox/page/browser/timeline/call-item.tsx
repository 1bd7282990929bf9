import type { Call } from '../../../timeline/entries.ts';
import { escapeHidden } from '../escape-hidden.ts';
import { Disclosure } from '../parts/disclosure.tsx';
import { Icon } from '../parts/icon.tsx';
import { Json } from '../parts/json.tsx';
import { duration } from '../parts/moment.ts';
import { answerInWords } from './answer-in-words.ts';
import { FaultButtons } from './fault-buttons.tsx';

interface CallItemProps {
  readonly call: Call;
  readonly botId: number | undefined;
}

/** Shows one call of the Bot API: on a line, and on a click with its parameters and its answer. */
export function CallItem({ call, botId }: CallItemProps) {
  const { method, via, parameters, answer, durationMs, isInjected } = call;
  const kind = answer === undefined ? 'open' : answer.ok ? 'good' : 'bad';
  const gist = gistOf(parameters);
  return (
    <li class={`step step-call step-${kind}`}>
      <Icon name={ICONS[kind]} />
      <Disclosure
        class="call"
        summary={
          <span class="step-line">
            <code class="method">{method}</code>
            {gist && <bdi class="call-gist">{gist}</bdi>}
            <span class={`answer-${kind}`}>{answerInWords(call)}</span>
            <span class="muted">{via === 'token' ? 'by token' : 'by reply'}</span>
            {durationMs !== undefined && <span class="muted">{duration(durationMs)}</span>}
            {isInjected && <span class="chip">as you asked</span>}
          </span>
        }
      >
        {() => (
          <div class="call-details">
            <h3>Parameters</h3>
            <Json value={parameters} label={`Parameters of ${method}`} />
            <h3>Answer</h3>
            {answer ? (
              <Json value={answer} label={`Answer to ${method}`} />
            ) : (
              <p class="muted">None yet.</p>
            )}
            {botId !== undefined && <FaultButtons botId={botId} method={method} />}
          </div>
        )}
      </Disclosure>
    </li>
  );
}

const ICONS = { open: 'play', good: 'check', bad: 'cross' } as const;

/** The parameter that tells the call from others of its method. */
function gistOf({ text, caption, action, emoji, url }: Call['parameters']): string {
  const gist = [text, caption, action, emoji, url].find((each) => typeof each === 'string');
  return gist === undefined ? '' : escapeHidden(String(gist).replaceAll('\n', ' ').slice(0, 120));
}
