import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { TimelineEntry } from '../../../timeline/entries.ts';
import type { BotView } from '../../protocol.ts';
import { Scroller } from '../parts/scroller.tsx';
import { useFollow } from '../parts/use-follow.ts';
import { hasFailed } from './has-failed.ts';
import { InvocationItem } from './invocation-item.tsx';
import { UpdateItem } from './update-item.tsx';

interface TimelinePaneProps {
  readonly entries: readonly TimelineEntry[];
  readonly bots: readonly BotView[];
  readonly bot: BotView | undefined;
}

/** Everything that has happened, the newest at the end. */
export function TimelinePane({ entries, bots, bot }: TimelinePaneProps) {
  const [areAllBots, setAllBots] = useState(true);
  const [areOnlyFailures, setOnlyFailures] = useState(false);
  const { ref, isFollowing, setFollowing } = useFollow<HTMLElement>();
  const shown = entries.filter(
    (entry) => (areAllBots || entry.botId === bot?.id) && (!areOnlyFailures || hasFailed(entry)),
  );
  const several = bots.length > 1;
  const isQueued = (id: number) => bots.find((each) => each.id === id)?.isQueued ?? false;
  const nameOf = (id: number | undefined) =>
    several ? bots.find((each) => each.id === id)?.username : undefined;
  return (
    <section class="pane timeline-pane" aria-labelledby="timeline-title">
      <header class="pane-head">
        <h2 id="timeline-title">Timeline</h2>
        {several && (
          <Toggle isOn={!areAllBots} onToggle={(on) => setAllBots(!on)}>
            Only @{bot?.username}
          </Toggle>
        )}
        <Toggle isOn={areOnlyFailures} onToggle={setOnlyFailures}>
          Failures only
        </Toggle>
        <Toggle isOn={isFollowing} onToggle={setFollowing}>
          Follow
        </Toggle>
      </header>
      <Scroller
        scrollRef={ref}
        class="timeline"
        label="Entries"
        onClick={({ target }) => {
          // What the person opens must not jump away while they read it.
          if ((target as Element).closest('summary, [aria-expanded]')) setFollowing(false);
        }}
      >
        <div>
          <ol>
            {shown.map((entry) =>
              entry.kind === 'update' ? (
                <UpdateItem
                  key={entry.key}
                  entry={entry}
                  botName={nameOf(entry.botId)}
                  isQueued={isQueued(entry.botId)}
                />
              ) : (
                <InvocationItem key={entry.key} entry={entry} botName={nameOf(entry.botId)} />
              ),
            )}
          </ol>
          {shown.length === 0 && (
            <p class="empty">
              {entries.length === 0
                ? 'Nothing has happened yet. Write to the bot.'
                : 'No entry matches the filter.'}
            </p>
          )}
        </div>
      </Scroller>
    </section>
  );
}

interface ToggleProps {
  readonly isOn: boolean;
  readonly onToggle: (on: boolean) => void;
  readonly children: ComponentChildren;
}

function Toggle({ isOn, onToggle, children }: ToggleProps) {
  return (
    <button type="button" class="toggle" aria-pressed={isOn} onClick={() => onToggle(!isOn)}>
      <span class="toggle-mark" aria-hidden="true" />
      {children}
    </button>
  );
}
