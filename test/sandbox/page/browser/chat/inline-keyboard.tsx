import type { InlineKeyboardButton, InlineKeyboardMarkup } from '@grammyjs/types';
import { usePageActions } from '../actions.ts';
import { safeAddress } from './entities.ts';

interface InlineKeyboardProps {
  readonly keyboard: InlineKeyboardMarkup;
  readonly placeId: string;
  readonly messageId: number;
}

export function InlineKeyboard({ keyboard, placeId, messageId }: InlineKeyboardProps) {
  const { act } = usePageActions();
  return (
    <fieldset class="keyboard inline-keyboard" aria-label="Buttons of the message">
      {keyboard.inline_keyboard.map((buttons, row) => (
        <div class="keyboard-row" key={row}>
          {buttons.map((button, column) => (
            <InlineButton
              key={column}
              button={button}
              onPress={() => act({ do: 'press', placeId, messageId, row, column })}
            />
          ))}
        </div>
      ))}
    </fieldset>
  );
}

interface InlineButtonProps {
  readonly button: InlineKeyboardButton;
  readonly onPress: () => void;
}

function InlineButton({ button, onPress }: InlineButtonProps) {
  const address = 'url' in button ? safeAddress(button.url) : undefined;
  const style = button.style ? `key key-${button.style}` : 'key';
  if (address) {
    return (
      <a class={style} href={address} target="_blank" rel="noopener noreferrer">
        <bdi>{button.text}</bdi> <span aria-hidden="true">↗</span>
      </a>
    );
  }
  return (
    <button type="button" class={style} onClick={onPress}>
      <bdi>{button.text}</bdi>
    </button>
  );
}
