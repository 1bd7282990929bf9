import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Duration, Token } from 'aws-cdk-lib';
import type { ThrottleSettings } from 'aws-cdk-lib/aws-apigatewayv2';
import { Environment } from '../../functions/contract.ts';
import { checkOneOf, checkWholeNumber } from './checks.ts';
import type { Delivery } from './delivery.ts';
import { checkDelivery } from './delivery-settings.ts';

/** What a bot is made with besides its webhook's settings, defaults filled in. */
export interface BotSettings {
  readonly apiRoot: string;
  readonly delivery: Delivery;
  readonly entry: string;
  readonly environment: { [name: string]: string };
  readonly memorySize: number;
  readonly reregister: 'every-deploy' | 'on-change';
  readonly throttle: ThrottleSettings;
  readonly timeout: Duration;
}

/** @throws Error that shows the value, what is allowed, and the fix */
export function checkBotSettings(settings: BotSettings): void {
  checkApiRoot(settings.apiRoot);
  checkEntry(settings.entry);
  checkEnvironment(settings.environment);
  checkWholeNumber('memorySize', settings.memorySize, { min: 128, max: 10_240, unit: 'MiB' });
  checkOneOf('reregister', settings.reregister, ['every-deploy', 'on-change']);
  checkThrottle(settings.throttle);
  checkDelivery(settings.delivery, settings.timeout);
}

function checkApiRoot(value: string): void {
  if (Token.isUnresolved(value)) return;
  if (/\/bot\d+(:|%3A)/i.test(value)) {
    throw new Error(
      'apiRoot must end before /bot<token>, such as https://api.telegram.org: ' +
        'in the template everybody could read the token',
    );
  }
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const plain = url && !url.search && !url.hash && !url.username && !url.password;
  if (!plain || !['https:', 'http:'].includes(url.protocol)) {
    throw new Error(
      'apiRoot must be an http or https URL without credentials or query, such as ' +
        `https://api.telegram.org; got ${url ? url.origin : value}`,
    );
  }
}

function checkEntry(value: string): void {
  if (existsSync(fileURLToPath(new URL(`../../${value}`, import.meta.url)))) return;
  throw new Error(
    `entry must be a file below the project's root that exports a handler, such as functions/bot.ts; got ${value}`,
  );
}

/** Of these the front alone has need. */
const notOfTheBot: readonly string[] = [Environment.botId, Environment.updateQueueUrl];

function checkEnvironment(environment: { [name: string]: string }): void {
  const taken = Object.values<string>(Environment).find(
    (name) => name in environment && !notOfTheBot.includes(name),
  );
  if (taken) {
    throw new Error(`environment must not set ${taken}: the kit sets it; choose another name`);
  }
  for (const [name, value] of Object.entries(environment)) {
    if (/^\s*\d+:[\w-]{20,}\s*$/.test(value)) {
      throw new Error(
        `environment must not hold a bot token, and ${name} looks like one: ` +
          'leave it out, and have the bot ask botToken()',
      );
    }
  }
}

function checkThrottle({ rateLimit, burstLimit }: ThrottleSettings): void {
  for (const [name, value] of Object.entries({ rateLimit, burstLimit })) {
    if (value === undefined || Token.isUnresolved(value) || value >= 1) continue;
    throw new Error(`throttle.${name} must be at least 1 request a second, got ${value}`);
  }
}
