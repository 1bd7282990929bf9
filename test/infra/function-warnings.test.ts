import { Stack, Validations } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import {
  IpAddresses,
  type IVpc,
  Peer,
  Port,
  type PrivateSubnet,
  RouterType,
  SecurityGroup,
  Subnet,
  SubnetType,
  Vpc,
  type VpcProps,
} from 'aws-cdk-lib/aws-ec2';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { describe, expect, it } from 'vitest';
import { TelegramBot, type TelegramBotProps } from '../../infra/constructs/telegram-bot.ts';
import { Delivery } from '../../infra/settings/delivery.ts';
import type { FunctionSettings } from '../../infra/settings/function.ts';
import { entry } from '../fixtures.ts';
import { unbundledApp } from './synth.ts';

const { PRIVATE_ISOLATED, PRIVATE_WITH_EGRESS, PUBLIC } = SubnetType;

/** Creates a bot whose function has the options that `make` returns. */
function botWith(
  make: (stack: Stack) => FunctionSettings,
  props: Partial<TelegramBotProps> = {},
): { stack: Stack; bot: TelegramBot } {
  const env = { account: '123456789012', region: 'us-east-1' };
  const stack = new Stack(unbundledApp(), 'Kit', { env });
  const token = Secret.fromSecretNameV2(stack, 'Token', 'telegram/test/bot-token');
  const options = make(stack);
  return {
    stack,
    bot: new TelegramBot(stack, 'Bot', { entry, token, ...props, function: options }),
  };
}

/** Returns the warnings that `cdk synth` prints about the bot. */
function warningsOf(stack: Stack): string[] {
  const found = Annotations.fromStack(stack).findWarning('/Kit/Bot', Match.anyValue());
  return found.map(({ entry: { data } }) => String(data));
}

/** A VPC with subnets of every type. */
function vpcIn(stack: Stack, props: VpcProps = {}): Vpc {
  const types = [PUBLIC, PRIVATE_WITH_EGRESS, PRIVATE_ISOLATED];
  return new Vpc(stack, 'Vpc', {
    ipAddresses: IpAddresses.cidr('10.0.0.0/16'),
    subnetConfiguration: types.map((subnetType) => ({ name: subnetType, subnetType })),
    ...props,
  });
}

function imported(stack: Stack): IVpc {
  return Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-1',
    availabilityZones: ['us-east-1a'],
    privateSubnetIds: ['subnet-1'],
    isolatedSubnetIds: ['subnet-2'],
  });
}

const isolated = { subnetType: PRIVATE_ISOLATED };

describe('a bot in a VPC', () => {
  it.each<[string, (stack: Stack) => FunctionSettings, string]>([
    [
      'in isolated subnets',
      (stack) => ({ vpc: vpcIn(stack), vpcSubnets: isolated }),
      'The bot is in an isolated subnet, so it cannot reach',
    ],
    [
      'in a VPC without NAT gateways',
      (stack) => ({ vpc: vpcIn(stack, { natGateways: 0, subnetConfiguration: undefined }) }),
      'The bot is in an isolated subnet, so it cannot reach',
    ],
    [
      'in a subnet that was imported as isolated, among others',
      (stack) => {
        const vpc = imported(stack);
        return {
          vpc,
          vpcSubnets: { subnets: [...vpc.privateSubnets, ...vpc.isolatedSubnets] },
        };
      },
      'The bot is in an isolated subnet, so it cannot reach',
    ],
    [
      'in public subnets',
      (stack) => ({
        vpc: vpcIn(stack),
        vpcSubnets: { subnetType: PUBLIC },
        allowPublicSubnet: true,
      }),
      'The bot is in a public subnet, where a function has no public address',
    ],
    [
      'without a rule that lets anything out',
      (stack) => ({ vpc: vpcIn(stack), allowAllOutbound: false }),
      'Let them: bot.connections.allowToAnyIpv4(Port.HTTPS)',
    ],
  ])('gets a warning %s', (_, make, text) => {
    const [warning, ...others] = warningsOf(botWith(make).stack);
    expect(warning).toContain(text);
    expect(warning).toContain("Telegram's Bot API, nor Secrets Manager without an interface");
    expect(warning).toContain('only calls that it returns are executed, as webhook replies');
    expect(others).toEqual([]);
  });

  it('gets a warning if it is let out only to other ports and to other groups', () => {
    const { stack, bot } = botWith((own) => ({ vpc: vpcIn(own), allowAllOutbound: false }));
    const group = new SecurityGroup(stack, 'Database', { vpc: vpcOf(stack) });
    bot.bot.connections.allowTo(group, Port.HTTPS);
    bot.bot.connections.allowToAnyIpv4(Port.tcp(5432));
    bot.bot.connections.allowToAnyIpv4(Port.udp(443));
    expect(warningsOf(stack)).toHaveLength(1);
  });

  it('hears that a bot behind a queue cannot answer at all', () => {
    const make = (stack: Stack) => ({ vpc: vpcIn(stack), vpcSubnets: isolated });
    const [warning] = warningsOf(botWith(make, { delivery: Delivery.queued() }).stack);
    expect(warning).toContain('neither Secrets Manager nor SQS: it cannot answer');
  });

  it.each<[string, (stack: Stack) => FunctionSettings]>([
    ['behind a NAT gateway', (stack) => ({ vpc: vpcIn(stack) })],
    ['in private subnets that were imported', (stack) => ({ vpc: imported(stack) })],
    [
      'in subnets of an unknown type',
      (stack) => ({
        vpc: imported(stack),
        vpcSubnets: { subnets: [Subnet.fromSubnetId(stack, 'Any', 'subnet-3')] },
      }),
    ],
    [
      'in a VPC that is yet to be looked up',
      (stack) => ({
        vpc: lookedUp(stack),
        vpcSubnets: { subnetType: PUBLIC },
        allowPublicSubnet: true,
      }),
    ],
    [
      'with a security group whose rules are unknown',
      (stack) => {
        const options = { allowAllOutbound: false };
        const group = SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-1', options);
        return { vpc: vpcIn(stack), securityGroups: [group] };
      },
    ],
    [
      'that may use IPv6',
      (stack) => ({ vpc: vpcIn(stack), vpcSubnets: isolated, ipv6AllowedForDualStack: true }),
    ],
    [
      'with a route that the app adds',
      (stack) => {
        const vpc = vpcIn(stack);
        for (const subnet of vpc.isolatedSubnets as PrivateSubnet[]) {
          subnet.addRoute('Out', { routerId: 'tgw-1', routerType: RouterType.TRANSIT_GATEWAY });
        }
        return { vpc, vpcSubnets: isolated };
      },
    ],
  ])('gets no warning %s', (_, make) => {
    expect(warningsOf(botWith(make).stack)).toEqual([]);
  });

  it.each([
    ['any address', Peer.anyIpv4(), Port.HTTPS],
    ['addresses of a range', Peer.ipv4('10.0.0.0/8'), Port.tcpRange(1, 1024)],
    ['a prefix list', Peer.prefixList('pl-1'), Port.allTraffic()],
  ])('gets no warning if a rule lets it out to %s', (_, peer, port) => {
    const { stack, bot } = botWith((own) => ({ vpc: vpcIn(own), allowAllOutbound: false }));
    bot.bot.connections.allowTo(peer, port);
    expect(warningsOf(stack)).toEqual([]);
  });

  it('gets no warning about a Bot API server of its own', () => {
    const make = (stack: Stack) => ({ vpc: vpcIn(stack), vpcSubnets: isolated });
    const { stack } = botWith(make, { apiRoot: 'https://bot-api.internal.example' });
    expect(warningsOf(stack)).toEqual([]);
  });

  it('gets no warning that was acknowledged', () => {
    const { stack } = botWith((own) => ({ vpc: vpcIn(own), vpcSubnets: isolated }));
    Validations.of(stack).acknowledge({
      id: 'telegram-webhook-kit:noWayOut',
      reason: 'It only returns calls.',
    });
    expect(warningsOf(stack)).toEqual([]);
  });
});

function vpcOf(stack: Stack): Vpc {
  return stack.node.findChild('Vpc') as Vpc;
}

/** In its first synthesis, the CDK gives it made-up subnets. */
function lookedUp(stack: Stack): IVpc {
  return Vpc.fromLookup(stack, 'Vpc', { vpcId: 'vpc-1' });
}

describe('a bot that may run less often than Telegram calls it', () => {
  const reserving = (reserved: number, props: Partial<TelegramBotProps> = {}) =>
    warningsOf(botWith(() => ({ reservedConcurrentExecutions: reserved }), props).stack);

  it('gets a warning', () => {
    expect(reserving(10)).toEqual([expect.stringContaining('Set maxConnections to 10')]);
  });

  it('gets none if maxConnections fits, or if a queue is in between', () => {
    expect(reserving(10, { maxConnections: 10 })).toEqual([]);
    expect(reserving(10, { delivery: Delivery.queued() })).toEqual([]);
  });
});
