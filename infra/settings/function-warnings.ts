import { Stack, Token, Validations } from 'aws-cdk-lib';
import {
  CfnRoute,
  CfnSecurityGroup,
  CfnSecurityGroupEgress,
  type ISecurityGroup,
  type ISubnet,
} from 'aws-cdk-lib/aws-ec2';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import type { BotSettings } from './bot.ts';

/** Warns about options of a bot's function with which it works worse than it looks, or not at all. */
export function warnAboutFunction(
  telegramBot: IConstruct,
  bot: IFunction,
  settings: Required<BotSettings> & { readonly maxConnections: number },
): void {
  warnAboutThrottling(telegramBot, settings);
  const { function: options, apiRoot, delivery } = settings;
  // IPv6 may lead out, and a Bot API server of one's own may be inside.
  const isUnknown = options.ipv6AllowedForDualStack || !/\/\/api\.telegram\.org/.test(apiRoot);
  if (!options.vpc || isUnknown) return;
  telegramBot.node.addValidation({
    // When the app is synthesized, all routes and rules are there.
    validate() {
      const obstacle = obstacleOf(options, bot);
      if (obstacle) {
        Validations.of(telegramBot).addWarning(
          'telegram-webhook-kit:noWayOut',
          `${obstacle.cause}, so it cannot reach ${consequenceOf(delivery)}. ${obstacle.fix}`,
        );
      }
      return [];
    },
  });
}

/** Warns when Telegram may call a direct bot more often than Lambda lets it run. */
function warnAboutThrottling(
  telegramBot: IConstruct,
  {
    function: { reservedConcurrentExecutions: reserved = Number.POSITIVE_INFINITY },
    delivery,
    maxConnections,
  }: Required<BotSettings> & { readonly maxConnections: number },
): void {
  if (delivery.queue || Token.isUnresolved(reserved) || !(maxConnections > reserved)) return;
  Validations.of(telegramBot).addWarning(
    'telegram-webhook-kit:throttledConnections',
    `Telegram may deliver ${maxConnections} updates at the same time, but reservedConcurrentExecutions lets the bot run ` +
      `${reserved} times: the others are refused, and delivered again later. Set maxConnections to ${reserved}`,
  );
}

function consequenceOf({ queue }: Required<BotSettings>['delivery']): string {
  return queue
    ? "Telegram's Bot API, and without interface endpoints neither Secrets Manager nor SQS: it cannot answer"
    : "Telegram's Bot API, nor Secrets Manager without an interface endpoint: only calls that it returns are executed, " +
        'as webhook replies';
}

/** Returns why nothing gets out, and what to do; undefined if something may. */
function obstacleOf(
  { vpc, vpcSubnets }: Required<BotSettings>['function'],
  { connections }: IFunction,
): { cause: string; fix: string } | undefined {
  const { subnets = [], isPendingLookup } = vpc?.selectSubnets(vpcSubnets) ?? {};
  if (!vpc || isPendingLookup) return undefined;
  const fix =
    'Put it into subnets behind a NAT gateway: vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS }';
  if (subnets.some((subnet) => isIn(vpc.publicSubnets, subnet))) {
    return { cause: 'The bot is in a public subnet, where a function has no public address', fix };
  }
  if (subnets.some((subnet) => isIn(vpc.isolatedSubnets, subnet) && !hasDefaultRoute(subnet))) {
    return { cause: 'The bot is in an isolated subnet', fix };
  }
  if (connections.securityGroups.some(letsHttpsOut)) return undefined;
  return {
    cause: 'The security groups of the bot let it connect to no address outside on port 443',
    fix: 'Let them: bot.connections.allowToAnyIpv4(Port.HTTPS)',
  };
}

function isIn(subnets: readonly ISubnet[], { subnetId }: ISubnet): boolean {
  return subnets.some((subnet) => subnet.subnetId === subnetId);
}

/** Whether the app has added a way out of an isolated subnet, such as a transit gateway. */
function hasDefaultRoute({ node }: ISubnet): boolean {
  return node.children.some(
    (child) => child instanceof CfnRoute && child.destinationCidrBlock === '0.0.0.0/0',
  );
}

/** Whether a group has a rule for addresses on port 443. The rules of an imported one are unknown. */
function letsHttpsOut(group: ISecurityGroup): boolean {
  const resource = group.node.defaultChild;
  if (!(resource instanceof CfnSecurityGroup)) return true;
  const separate = group.node.children.filter((child) => child instanceof CfnSecurityGroupEgress);
  const inline: Rule[] = Stack.of(group).resolve(resource.securityGroupEgress) ?? [];
  return [...inline, ...separate].some(
    (rule) =>
      ['-1', 'tcp'].includes(rule.ipProtocol) &&
      (rule.cidrIp ?? rule.cidrIpv6 ?? rule.destinationPrefixListId) !== undefined &&
      // A port that is known only during the deploy is no number yet.
      !(Number(rule.fromPort) > HTTPS || Number(rule.toPort) < HTTPS),
  );
}

type Rule = CfnSecurityGroup.EgressProperty;

const HTTPS = 443;
