import type { StackView } from '../../protocol.ts';
import { Card } from './card.tsx';
import { Facts } from './facts.tsx';
import { Finding } from './finding.tsx';

export function Stacks({ stacks }: { readonly stacks: readonly StackView[] }) {
  return (
    <>
      {stacks.map(({ name, status, outputs }) => (
        <Card key={name} title={name} isWide>
          <Finding isGood={/^(CREATE|UPDATE)_COMPLETE$/.test(status)}>{status}</Finding>
          <Facts facts={outputs} />
        </Card>
      ))}
    </>
  );
}
