import type { DeployedBot } from '../deployed-bots/deployed-stack.ts';

/** A log group of one or more bots. */
export interface LogSource {
  /** Name of the log group. */
  readonly group: string;
  /** Its writer, `bot`; with several bots also the bot: `Shop/Sales bot`. */
  readonly label: string;
  readonly region: string;
  /** StartLiveTail takes it in place of the name. */
  readonly arn: string;
}

/** Returns the log groups of the bots, each once: the bots of a stack share its registrar. */
export function logSources(bots: readonly DeployedBot[]): LogSource[] {
  const sources = new Map<string, LogSource>();
  for (const bot of bots) {
    const groups: [string, string | undefined][] = [
      ['bot', bot.bot?.logGroup],
      ['ingress', bot.ingress?.logGroup],
      ['access', bot.accessLogGroup],
      ['registrar', bot.registrar?.logGroup],
      ['framework', bot.frameworkLogGroup],
    ];
    const { arn, name, region } = bot.stack;
    const [, partition, , , account] = arn.split(':');
    for (const [writer, group] of groups) {
      const key = `${region} ${group}`;
      if (group === undefined || sources.has(key)) continue;
      const owner = writer === 'registrar' || writer === 'framework' ? name : bot.path;
      sources.set(key, {
        group,
        label: bots.length === 1 ? writer : `${owner} ${writer}`,
        region,
        arn: `arn:${partition}:logs:${region}:${account}:log-group:${group}`,
      });
    }
  }
  return [...sources.values()];
}
