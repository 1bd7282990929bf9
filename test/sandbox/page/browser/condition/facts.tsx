export interface Fact {
  readonly name: string;
  readonly value: string;
  readonly isBad?: boolean;
}

export function Facts({ facts }: { readonly facts: readonly Fact[] }) {
  return (
    <dl class="facts">
      {facts.map(({ name, value, isBad }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd class={isBad ? 'bad' : undefined}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
