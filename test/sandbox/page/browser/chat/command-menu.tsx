import type { BotCommand } from '@grammyjs/types';

/** Returns the commands to offer: all when the menu is open, otherwise those that begin as the person types. */
export function commandsFor(
  commands: readonly BotCommand[],
  text: string,
  isMenuOpen: boolean,
): readonly BotCommand[] {
  if (isMenuOpen) return commands;
  const typed = /^\/(\w*)$/.exec(text)?.[1];
  if (typed === undefined) return [];
  return commands.filter(({ command }) => command.startsWith(typed.toLowerCase()));
}

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
