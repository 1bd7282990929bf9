import type { AlertEvent } from '../../contract.ts';
import { telegramRetryPolicy } from '../retry/policy.ts';
import { retry } from '../retry/retry.ts';
import { RESPONSE_MS } from '../retry/time-budget.ts';
import { type RequestContext, readToken, type Services } from '../services.ts';

/**
 * Tells a chat that an alarm went off, or that it is over, through the bot itself: a bot that no longer receives can
 * still send. Other changes of state are not worth a message; a new alarm's first state is one of them.
 *
 * @throws what kept the message from being sent, once there is no time left to try again
 */
export async function handleAlert(
  event: AlertEvent,
  timeLeftMs: number,
  services: Services,
): Promise<void> {
  const { Bot, Chat, State, PreviousState, ApiRoot, TelegramEnvironment } = event;
  const facts = { bot: Bot, state: State, previousState: PreviousState };
  const text = textOf(event);
  if (!text) return services.log.info({ event: 'alert.skipped', ...facts });
  const deadline = services.clock.now() + timeLeftMs - RESPONSE_MS;
  const context: RequestContext = { ...services, isRollback: false, deadline };
  const { TokenSecret: tokenSecret, TokenReader: tokenReader } = event;
  const token = await readToken({ tokenSecret, tokenReader }, context);
  const address = { apiRoot: ApiRoot, environment: TelegramEnvironment };
  const bot = services.botApi(token, address);
  await retry(() => bot.call('sendMessage', { chat_id: Chat, text }), {
    ...context,
    policy: telegramRetryPolicy,
  });
  services.log.info({ event: 'alert.sent', ...facts });
}

/** Returns the message; undefined for a change of state that is not worth one. */
function textOf({ Bot, State, PreviousState, Description }: AlertEvent): string | undefined {
  if (State === 'ALARM') return `🔴 ${Bot}\n\n${Description}`;
  if (State === 'OK' && PreviousState === 'ALARM') return `🟢 ${Bot}\n\nOver: ${Description}`;
  return undefined;
}
