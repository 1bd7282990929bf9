import type { Network } from '../network/network.ts';
import type { Bot } from '../telegram/bot.ts';
import { Parameters } from '../telegram/parameters.ts';

/** An endpoint that is not the app's. */
export const FOREIGN_HOST = 'another-deployment.example.com';

/** Sets webhooks as another deployment with the same token would: its endpoint takes every update. */
export class ForeignWebhooks {
  private readonly network: Pick<Network, 'serve'>;
  private stop: (() => void) | undefined;

  constructor(network: Pick<Network, 'serve'>) {
    this.network = network;
  }

  /** @throws BotApiError when Telegram refuses */
  async set(bot: Bot): Promise<void> {
    this.stop ??= this.network.serve(
      FOREIGN_HOST,
      (request, response) => {
        request.resume();
        response.end();
      },
      { hasCertificate: true },
    );
    await bot.webhook.set(new Parameters(new Map([['url', `https://${FOREIGN_HOST}/webhook`]])));
  }

  close(): void {
    this.stop?.();
  }
}
