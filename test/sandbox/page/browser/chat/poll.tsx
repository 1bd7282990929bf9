import type { Poll as ApiPoll, PollOption } from '@grammyjs/types';
import { useState } from 'preact/hooks';
import { usePageActions } from '../actions.ts';
import { Formatted } from './formatted.tsx';

interface PollProps {
  readonly poll: ApiPoll;
  readonly placeId: string;
  readonly messageId: number;
  /** Positions of the options that the person has voted for. */
  readonly vote: readonly number[];
}

/** A poll to vote in. It shows its results to those who have voted, and to everybody when it is closed. */
export function Poll({ poll, placeId, messageId, vote }: PollProps) {
  const { act } = usePageActions();
  const hasVoted = vote.length > 0;
  const cast = (options: readonly number[]) => act({ do: 'vote', placeId, messageId, options });
  const { total_voter_count: count } = poll;
  return (
    <div class="poll">
      <Formatted text={poll.question} entities={poll.question_entities} />
      <p class="muted">
        {kindOf(poll)}, {count === 1 ? '1 vote' : `${count} votes`}
      </p>
      {hasVoted || poll.is_closed ? (
        <Results poll={poll} vote={vote} />
      ) : (
        <Options poll={poll} onVote={cast} />
      )}
      {hasVoted && <Formatted text={poll.explanation} entities={poll.explanation_entities} />}
      {hasVoted && poll.allows_revoting && !poll.is_closed && (
        <button type="button" class="link" onClick={() => cast([])}>
          Take the vote back
        </button>
      )}
    </div>
  );
}

function kindOf({ is_closed, is_anonymous, type }: ApiPoll): string {
  const words = [
    is_closed && 'closed',
    is_anonymous && 'anonymous',
    type === 'quiz' ? type : 'poll',
  ];
  return words.filter(Boolean).join(' ');
}

interface OptionsProps {
  readonly poll: ApiPoll;
  readonly onVote: (options: readonly number[]) => void;
}

function Options({ poll, onVote }: OptionsProps) {
  const [chosen, setChosen] = useState<readonly number[]>([]);
  const { options, allows_multiple_answers: areSeveral } = poll;
  return (
    <fieldset class="poll-options" aria-label="Options of the poll">
      {options.map((option, index) =>
        areSeveral ? (
          <label key={index} class="poll-option">
            <input
              type="checkbox"
              checked={chosen.includes(index)}
              onChange={({ currentTarget: { checked } }) =>
                setChosen(checked ? [...chosen, index] : chosen.filter((each) => each !== index))
              }
            />
            <OptionText option={option} />
          </label>
        ) : (
          <button key={index} type="button" class="key" onClick={() => onVote([index])}>
            <OptionText option={option} />
          </button>
        ),
      )}
      {areSeveral && (
        <button
          type="button"
          class="primary"
          disabled={chosen.length === 0}
          onClick={() => onVote(chosen.toSorted((a, b) => a - b))}
        >
          Vote
        </button>
      )}
    </fieldset>
  );
}

function Results({ poll, vote }: Pick<PollProps, 'poll' | 'vote'>) {
  return (
    <ul class="poll-options" aria-label="Results of the poll">
      {poll.options.map((option, index) => {
        const share = Math.round((100 * option.voter_count) / Math.max(poll.total_voter_count, 1));
        return (
          <li key={index} class="poll-result">
            <strong>{share} %</strong> <OptionText option={option} />
            {vote.includes(index) && <span class="chip">your vote</span>}
            {poll.correct_option_ids?.includes(index) && <span class="chip">correct</span>}
            <span class="poll-bar">
              <span style={{ width: `${share}%` }} />
            </span>
          </li>
        );
      })}
    </ul>
  );
}

function OptionText({ option }: { readonly option: PollOption }) {
  return <Formatted text={option.text} entities={option.text_entities} />;
}
