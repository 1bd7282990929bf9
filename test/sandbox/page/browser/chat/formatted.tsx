import type { MessageEntity } from '@grammyjs/types';
import { useMemo } from 'preact/hooks';
import { formattedText } from './entities.ts';
import { Pieces } from './pieces.tsx';

interface FormattedProps {
  readonly text: string | undefined;
  readonly entities: readonly MessageEntity[] | undefined;
}

/** A text with its entities, as Telegram shows it. */
export function Formatted({ text, entities }: FormattedProps) {
  const pieces = useMemo(() => formattedText(text ?? '', entities), [text, entities]);
  if (text === undefined) return null;
  return (
    <div class="text" dir="auto">
      <Pieces pieces={pieces} />
    </div>
  );
}
