import type { ReactionView } from '../../protocol.ts';

export function Reactions({ reactions }: { readonly reactions: readonly ReactionView[] }) {
  const counts = new Map<string, number>();
  for (const { emoji } of reactions) {
    counts.set(emoji, (counts.get(emoji) ?? 0) + 1);
  }
  if (counts.size === 0) return null;
  return (
    <ul class="reactions" aria-label="Reactions">
      {[...counts].map(([emoji, count]) => (
        <li key={emoji}>
          {emoji} {count > 1 && count}
        </li>
      ))}
    </ul>
  );
}
