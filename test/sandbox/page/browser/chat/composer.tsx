import type { Message } from '@grammyjs/types';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { PlaceView } from '../../protocol.ts';
import { usePageActions } from '../actions.ts';
import { IconButton } from '../parts/icon-button.tsx';
import { AttachDialog } from './attach-dialog.tsx';
import { CommandMenu } from './command-menu.tsx';
import { commandsFor } from './commands-for.ts';
import { ReplyKeyboard } from './reply-keyboard.tsx';
import type { Target } from './target.ts';
import { TargetNote } from './target-note.tsx';
import { useFileDrop } from './use-file-drop.ts';

interface ComposerProps {
  readonly place: PlaceView;
  readonly target: Target | undefined;
  readonly onTarget: (target: Target | undefined) => void;
}

/** Takes texts and files, and shows the bot's keyboard. */
export function Composer({ place, target, onTarget }: ComposerProps) {
  const { act } = usePageActions();
  const [text, setText] = useState('');
  const [file, setFile] = useState<File>();
  const [isMenuOpen, setMenuOpen] = useState(false);
  const [isKeyboardHidden, setKeyboardHidden] = useState(false);
  const area = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const { id: placeId, keyboard, commands, isBlocked } = place;
  const isDropping = useFileDrop((dropped) => {
    // From a hidden pane, a dialog would block the page unseen.
    if (area.current?.checkVisibility()) setFile(dropped);
  });
  useEffect(() => setKeyboardHidden(false), [keyboard]);
  useEffect(() => {
    if (!target) return;
    if (target.kind === 'edit') setText(target.message.text ?? target.message.caption ?? '');
    area.current?.focus();
  }, [target]);

  const cancel = () => {
    if (target?.kind === 'edit') setText('');
    onTarget(undefined);
  };
  const send = async (sent: string) => {
    if (sent.trim() === '') return;
    setMenuOpen(false);
    const messageId = target?.message.message_id;
    const isEdit = target?.kind === 'edit';
    const clear = () => {
      setText('');
      onTarget(undefined);
    };
    // A refused edit stays one: as a message, the text would be sent next.
    if (!isEdit) clear();
    const result = await act(
      isEdit && messageId !== undefined
        ? { do: 'edit', placeId, messageId, text: sent }
        : { do: 'send', placeId, text: sent, replyTo: messageId },
    );
    if (isEdit && result.ok) clear();
    // What did not reach the bot is not lost, unless the person has begun another text.
    if (!isEdit && !result.ok) setText((written) => written || sent);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') {
      setMenuOpen(false);
      cancel();
    }
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    void send(text);
  };
  const offered = commandsFor(commands, text, isMenuOpen);

  return (
    <footer class={isDropping ? 'composer dropping' : 'composer'}>
      {isDropping && <p class="drop-note">Drop the file to send it</p>}
      {offered.length > 0 && (
        <CommandMenu commands={offered} onChoose={(name) => send(`/${name}`)} />
      )}
      <TargetNote target={target ?? forcedTarget(place)} onCancel={target && cancel} />
      {isBlocked && <p class="muted blocked-note">You have blocked the bot. It gets nothing.</p>}
      <form
        class="composer-row"
        onSubmit={(event) => {
          event.preventDefault();
          void send(text);
        }}
      >
        {commands.length > 0 && (
          <IconButton
            icon="slash"
            label="Commands"
            aria-expanded={offered.length > 0}
            onClick={() => setMenuOpen(!isMenuOpen)}
          />
        )}
        <IconButton icon="attach" label="Attach a file" onClick={() => picker.current?.click()} />
        <input
          ref={picker}
          type="file"
          hidden
          aria-label="File to send"
          onChange={({ currentTarget }) => {
            setFile(currentTarget.files?.[0]);
            currentTarget.value = '';
          }}
        />
        <textarea
          ref={area}
          class="message-input"
          aria-label="Message"
          dir="auto"
          rows={1}
          value={text}
          placeholder={placeholderOf(place)}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
          onKeyDown={onKeyDown}
          onPaste={(event) => {
            const pasted = event.clipboardData?.files[0];
            if (!pasted) return;
            event.preventDefault();
            setFile(pasted);
          }}
        />
        {keyboard && (
          <IconButton
            icon="keyboard"
            label="Keyboard of the bot"
            aria-pressed={!isKeyboardHidden}
            onClick={() => setKeyboardHidden(!isKeyboardHidden)}
          />
        )}
        <IconButton
          icon={target?.kind === 'edit' ? 'check' : 'send'}
          label={target?.kind === 'edit' ? 'Save' : 'Send'}
          class="icon-button send"
          type="submit"
        />
      </form>
      {keyboard && !isKeyboardHidden && <ReplyKeyboard keyboard={keyboard} placeId={placeId} />}
      {file && <AttachDialog file={file} placeId={placeId} onClose={() => setFile(undefined)} />}
    </footer>
  );
}

function placeholderOf({ keyboard, messages, forcedReplyTo }: PlaceView): string {
  const forced = messages.find(({ message_id }) => message_id === forcedReplyTo);
  const markup = forced?.reply_markup as { input_field_placeholder?: string } | undefined;
  return keyboard?.input_field_placeholder ?? markup?.input_field_placeholder ?? 'Message';
}

/** The reply that the bot has asked for. The server sends the next message as one, so it is only shown. */
function forcedTarget({ messages, forcedReplyTo }: PlaceView): Target | undefined {
  const message: Message | undefined = messages.find(
    ({ message_id }) => message_id === forcedReplyTo,
  );
  return message && { kind: 'reply', message };
}
