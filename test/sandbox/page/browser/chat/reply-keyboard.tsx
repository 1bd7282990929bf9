import type { ReplyKeyboardMarkup } from '@grammyjs/types';
import { usePageActions } from '../actions.ts';

interface ReplyKeyboardProps {
  readonly keyboard: ReplyKeyboardMarkup;
  readonly placeId: string;
}

/** The bot's keyboard in place of the person's own. */
export function ReplyKeyboard({ keyboard, placeId }: ReplyKeyboardProps) {
  const { act } = usePageActions();
  const kind = keyboard.resize_keyboard ? '' : ' tall';
  return (
    <fieldset class={`keyboard reply-keyboard${kind}`} aria-label="Keyboard of the bot">
      {keyboard.keyboard.map((buttons, row) => (
        <div class="keyboard-row" key={row}>
          {buttons.map((button, column) => (
            <button
              key={column}
              type="button"
              class={styleOf(button)}
              onClick={() => act({ do: 'press', placeId, row, column })}
            >
              <bdi>{typeof button === 'string' ? button : button.text}</bdi>
            </button>
          ))}
        </div>
      ))}
    </fieldset>
  );
}

function styleOf(button: ReplyKeyboardMarkup['keyboard'][number][number]): string {
  const style = typeof button === 'string' ? undefined : button.style;
  return style ? `key key-${style}` : 'key';
}
