import {
  type BotSwitch,
  type Expects,
  UPDATES_BEHIND_SWITCHES,
  type WatchReport,
} from '../../../functions/contract.ts';
import type { DeclaredBot } from '../deployed-bots/template.ts';

/** Says which of @BotFather's switches fail the deploy, and which update types can never arrive. */
export function switchNotes({ bot }: WatchReport, { identity, webhook }: DeclaredBot): string[] {
  const { switches } = bot ?? {};
  if (!switches) return [];
  const expects = (identity?.Expects ?? {}) as Expects;
  const unmet = (Object.entries(expects) as [BotSwitch, string][])
    .filter(([name, value]) => value !== String(switches[name]))
    .map(
      ([name, value]) =>
        `expects.${name} is ${value}, but it is ${switches[name] ? 'on' : 'off'} at Telegram: the deploy fails until ` +
        '@BotFather switches it.',
    );
  const { AllowedUpdates: allowed } = webhook;
  const impossible = Object.entries(UPDATES_BEHIND_SWITCHES).flatMap(([name, types]) => {
    const never = types.filter((type) => Array.isArray(allowed) && allowed.includes(type));
    return switches[name as BotSwitch] || never.length === 0
      ? []
      : [`No ${never.join(', ')} will arrive while ${name} is off at Telegram.`];
  });
  return [...unmet, ...impossible];
}
