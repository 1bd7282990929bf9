import type { BotCommand } from '@grammyjs/types';

interface CommandMenuProps {
  readonly commands: readonly BotCommand[];
  readonly onChoose: (name: string) => void;
}

export function CommandMenu({ commands, onChoose }: CommandMenuProps) {
  return (
    <ul class="commands" aria-label="Commands of the bot">
      {commands.map(({ command, description }) => (
        <li key={command}>
          <button type="button" onClick={() => onChoose(command)}>
            <code>/{command}</code> <bdi class="muted">{description}</bdi>
          </button>
        </li>
      ))}
    </ul>
  );
}
