import type { MessageEntity } from '@grammyjs/types';
import type { ComponentChildren } from 'preact';
import { formattedMoment, linkAddress, type Piece, plainText } from './entities.ts';
import { ExpandableQuote, Spoiler } from './hidden.tsx';

/** Draws the pieces of a formatted text. Texts only ever become text nodes. */
export function Pieces({ pieces }: { readonly pieces: readonly Piece[] }) {
  return (
    <>
      {pieces.map((piece, index) =>
        typeof piece === 'string' ? (
          piece
        ) : (
          <Entity key={index} entity={piece.entity} pieces={piece.children} />
        ),
      )}
    </>
  );
}

interface EntityProps {
  readonly entity: MessageEntity;
  readonly pieces: readonly Piece[];
}

function Entity({ entity, pieces }: EntityProps) {
  const children = <Pieces pieces={pieces} />;
  switch (entity.type) {
    case 'bold':
      return <strong>{children}</strong>;
    case 'italic':
      return <em>{children}</em>;
    case 'underline':
      return <u>{children}</u>;
    case 'strikethrough':
      return <s>{children}</s>;
    case 'code':
      return <code>{children}</code>;
    case 'pre':
      return <CodeBlock language={entity.language}>{children}</CodeBlock>;
    case 'spoiler':
      return <Spoiler text={plainText(pieces)}>{children}</Spoiler>;
    case 'blockquote':
      return <blockquote>{children}</blockquote>;
    case 'expandable_blockquote':
      return <ExpandableQuote>{children}</ExpandableQuote>;
    case 'date_time':
      return <Moment entity={entity}>{children}</Moment>;
    case 'custom_emoji':
      return <span title={`custom emoji ${entity.custom_emoji_id}`}>{children}</span>;
    case 'text_mention':
      return (
        <span class="mention" title={`user ${entity.user.id}`}>
          {children}
        </span>
      );
    case 'text_link':
    case 'url':
    case 'email':
    case 'phone_number':
      return <Link address={linkAddress(entity, plainText(pieces))}>{children}</Link>;
    case 'mention':
    case 'hashtag':
    case 'cashtag':
    case 'bot_command':
      return <span class="mention">{children}</span>;
    default:
      return children;
  }
}

interface LinkProps {
  readonly address: string | undefined;
  readonly children: ComponentChildren;
}

function Link({ address, children }: LinkProps) {
  if (!address) return <span title="The page does not follow this link">{children}</span>;
  return (
    <a href={address} title={address} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}

interface CodeBlockProps {
  readonly language: string | undefined;
  readonly children: ComponentChildren;
}

function CodeBlock({ language, children }: CodeBlockProps) {
  return (
    <pre data-language={language}>
      <code>{children}</code>
    </pre>
  );
}

interface MomentProps {
  readonly entity: MessageEntity.DateTimeMessageEntity;
  readonly children: ComponentChildren;
}

function Moment({ entity, children }: MomentProps) {
  const date = new Date(entity.unix_time * 1000);
  if (Number.isNaN(date.getTime())) return <>{children}</>;
  return (
    <time dateTime={date.toISOString()} title={date.toLocaleString()}>
      {formattedMoment(entity, Date.now()) ?? children}
    </time>
  );
}
