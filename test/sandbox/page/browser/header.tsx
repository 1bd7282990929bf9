import type { BotView } from '../protocol.ts';
import { botHealth } from './condition/bot-health.ts';
import { Finding } from './condition/finding.tsx';

export type Pane = 'chat' | 'timeline' | 'state';

interface HeaderProps {
  readonly bots: readonly BotView[];
  readonly bot: BotView | undefined;
  readonly onBot: (id: number) => void;
  readonly pane: Pane;
  readonly onPane: (pane: Pane) => void;
  readonly hasChat: boolean;
}

export function Header({ bots, bot, onBot, pane, onPane, hasChat }: HeaderProps) {
  return (
    <header class="top">
      <h1 class="visually-hidden">See your bot</h1>
      <BotChoice bots={bots} bot={bot} onBot={onBot} />
      {bot && <HealthNote bot={bot} />}
      <nav class="tabs" aria-label="Panes">
        {hasChat && <Tab name="chat" label="Chat" pane={pane} onPane={onPane} />}
        <Tab name="timeline" label="Timeline" pane={pane} onPane={onPane} />
        <Tab name="state" label="State" pane={pane} onPane={onPane} />
      </nav>
    </header>
  );
}

function BotChoice({ bots, bot, onBot }: Pick<HeaderProps, 'bots' | 'bot' | 'onBot'>) {
  if (!bot) return <p class="bot-name">No bot</p>;
  if (bots.length === 1) {
    return (
      <p class="bot-name">
        <bdi>{bot.firstName}</bdi> <span class="muted">@{bot.username}</span>
      </p>
    );
  }
  return (
    <label class="bot-choice">
      <span class="visually-hidden">Bot</span>
      <select value={bot.id} onChange={({ currentTarget }) => onBot(Number(currentTarget.value))}>
        {bots.map(({ id, username, firstName }) => (
          <option key={id} value={id}>
            {firstName} (@{username})
          </option>
        ))}
      </select>
    </label>
  );
}

function HealthNote({ bot }: { readonly bot: BotView }) {
  const { isGood, text } = botHealth(bot);
  return <Finding isGood={isGood}>{text}</Finding>;
}

interface TabProps {
  readonly name: Pane;
  readonly label: string;
  readonly pane: Pane;
  readonly onPane: (pane: Pane) => void;
}

function Tab({ name, label, pane, onPane }: TabProps) {
  return (
    <button
      type="button"
      class={`tab tab-${name}`}
      aria-pressed={pane === name}
      onClick={() => onPane(name)}
    >
      {label}
    </button>
  );
}
