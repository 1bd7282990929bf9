import type { BotView } from '../../protocol.ts';
import { ActionButton } from './action-button.tsx';
import { Card } from './card.tsx';
import { Finding } from './finding.tsx';

export function Token({ bot: { id: botId, isTokenValid } }: { readonly bot: BotView }) {
  return (
    <Card title="Token">
      <Finding isGood={isTokenValid}>
        {isTokenValid
          ? 'Telegram accepts the token in the secret'
          : 'Telegram refuses the token in the secret'}
      </Finding>
      <p class="button-row">
        <ActionButton isDanger action={{ do: 'revoke token', botId }}>
          Revoke the token
        </ActionButton>
        <ActionButton action={{ do: 'store new token', botId }}>Store the new token</ActionButton>
      </p>
    </Card>
  );
}
