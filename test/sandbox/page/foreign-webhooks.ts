import type { Clock } from '../clock.ts';
import type { Network } from '../network/network.ts';
import type { Bot } from '../telegram/bot.ts';
import { BotApiError } from '../telegram/bot-api-error.ts';
import { Parameters } from '../telegram/parameters.ts';

/** An endpoint that is not the app's. */
export const FOREIGN_HOST = 'another-deployment.example.com';

/** Sets webhooks as another deployment with the same token would: its endpoint takes every update. */
export class ForeignWebhooks {
  private readonly network: Pick<Network, 'serve'>;
  private readonly clock: Clock;
  private stop: (() => void) | undefined;

  constructor({ network, clock }: { network: Pick<Network, 'serve'>; clock: Clock }) {
    this.network = network;
    this.clock = clock;
  }

  /** Waits, as another deployment would, until Telegram takes a webhook again: one a second. */
  async set(bot: Bot): Promise<void> {
    this.stop ??= this.network.serve(
      FOREIGN_HOST,
      (request, response) => {
        request.resume();
        response.end();
      },
      { hasCertificate: true },
    );
    const parameters = new Parameters(new Map([['url', `https://${FOREIGN_HOST}/webhook`]]));
    for (;;) {
      try {
        await bot.webhook.set(parameters);
        return;
      } catch (error) {
        const seconds = error instanceof BotApiError ? error.parameters?.retry_after : undefined;
        if (seconds === undefined) throw error;
        await this.clock.sleep(seconds * 1000);
      }
    }
  }

  close(): void {
    this.stop?.();
  }
}
