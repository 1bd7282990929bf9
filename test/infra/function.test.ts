import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { App, Duration, Size, Stack, Validations } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Connections, Port, SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { FileSystem } from 'aws-cdk-lib/aws-efs';
import { Key } from 'aws-cdk-lib/aws-kms';
import {
  Architecture,
  CodeSigningConfig,
  FileSystem as FunctionFileSystem,
  LambdaInsightsVersion,
  LayerVersion,
  ParamsAndSecretsLayerVersion,
  ParamsAndSecretsVersions,
  RuntimeManagementMode,
} from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { AwsSolutionsChecks } from 'cdk-nag';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { TelegramBot } from '../../infra/constructs/telegram-bot.ts';
import { Delivery } from '../../infra/settings/delivery.ts';
import type { FunctionSettings } from '../../infra/settings/function.ts';
import { entry } from '../fixtures.ts';
import { readCliContext } from '../sandbox/index.ts';
import { findFunction, needs, policiesOf, roleAt, statementsOf, unbundledApp } from './synth.ts';

const deliveries = [
  { name: 'direct', delivery: Delivery.direct(), path: 'Bot/Endpoint/Receiver' },
  { name: 'queued', delivery: Delivery.queued(), path: 'Bot/Queue/Bot' },
];

/** Synthesizes a stack with a bot whose function has the options that `make` returns. */
function synthesize(
  make: (stack: Stack) => FunctionSettings,
  delivery = Delivery.direct(),
  app = unbundledApp(),
) {
  const stack = new Stack(app, 'Kit', { env: { account: '123456789012', region: 'us-east-1' } });
  const token = Secret.fromSecretNameV2(stack, 'Token', 'telegram/test/bot-token');
  const options = make(stack);
  const bot = new TelegramBot(stack, 'Bot', { entry, token, delivery, function: options });
  return { app, stack, bot, options };
}

/** As `FunctionSettings` has them, without those that need a file system of one's own. */
function everyOption(stack: Stack): FunctionSettings {
  const vpc = new Vpc(stack, 'Vpc', { natGateways: 1 });
  vpc.addFlowLog('FlowLog');
  const failed = new Queue(stack, 'Failed', { enforceSSL: true });
  Validations.of(failed).acknowledge({
    id: 'AwsSolutions-SQS3',
    reason: 'It is a dead-letter queue.',
  });
  const arn = 'arn:aws:lambda:us-east-1:123456789012:layer:tools:1';
  const signing = 'arn:aws:lambda:us-east-1:123456789012:code-signing-config:csc-0123456789abcdef0';
  return {
    vpc,
    allowAllIpv6Outbound: true,
    architecture: Architecture.X86_64,
    layers: [LayerVersion.fromLayerVersionArn(stack, 'Tools', arn)],
    reservedConcurrentExecutions: 50,
    ephemeralStorageSize: Size.mebibytes(1024),
    environmentEncryption: new Key(stack, 'Key', { enableKeyRotation: true }),
    codeSigningConfig: CodeSigningConfig.fromCodeSigningConfigArn(stack, 'Signing', signing),
    runtimeManagementMode: RuntimeManagementMode.FUNCTION_UPDATE,
    insightsVersion: LambdaInsightsVersion.VERSION_1_0_333_0,
    paramsAndSecrets: ParamsAndSecretsLayerVersion.fromVersion(ParamsAndSecretsVersions.V1_0_103),
    deadLetterQueue: failed,
    onFailure: new SqsDestination(failed),
    retryAttempts: 0,
    maxEventAge: Duration.minutes(5),
  };
}

describe.each(deliveries)(
  'the options of the function, with $name delivery',
  ({ delivery, path }) => {
    const { stack } = synthesize(everyOption, delivery);
    const template = Template.fromStack(stack);
    const { id, resource } = findFunction(template, path);

    it('are those of the function that runs the bot', () => {
      expect(resource.Properties).toMatchObject({
        Architectures: ['x86_64'],
        CodeSigningConfigArn: expect.stringContaining(':code-signing-config:'),
        DeadLetterConfig: { TargetArn: expect.anything() },
        EphemeralStorage: { Size: 1024 },
        KmsKeyArn: expect.anything(),
        Layers: expect.arrayContaining(['arn:aws:lambda:us-east-1:123456789012:layer:tools:1']),
        ReservedConcurrentExecutions: 50,
        RuntimeManagementConfig: { UpdateRuntimeOn: 'FunctionUpdate' },
        VpcConfig: { SubnetIds: expect.arrayContaining([{ Ref: expect.anything() }]) },
      });
      template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
        FunctionName: { Ref: id },
        MaximumRetryAttempts: 0,
        MaximumEventAgeInSeconds: 300,
      });
    });

    it('leave the other functions alone', () => {
      for (const other of Object.values(template.findResources('AWS::Lambda::Function'))) {
        if (other.Metadata['aws:cdk:path'] === `Kit/${path}/Resource`) continue;
        expect(other.Properties).not.toHaveProperty('VpcConfig');
        expect(other.Properties).not.toHaveProperty('ReservedConcurrentExecutions');
      }
    });

    it('cannot replace what the kit decides', () => {
      const options = {
        handler: 'other.handler',
        description: 'Other',
        timeout: Duration.seconds(1),
      };
      const other = Template.fromStack(synthesize(() => options as object, delivery).stack);
      const properties = (from: Template) => {
        const { Handler, Description, Timeout } = findFunction(from, path).resource.Properties;
        return { Handler, Description, Timeout };
      };
      expect(properties(other)).toEqual(properties(template));
    });

    it('give the role the rights for them before the function exists', () => {
      const role = roleAt(template, path);
      const actions = statementsOf(template, role).flatMap(({ Action }) => Action);
      expect(actions).toEqual(
        expect.arrayContaining(['ec2:CreateNetworkInterface', 'kms:Decrypt', 'sqs:SendMessage']),
      );
      expect([...needs(template, id)]).toEqual(
        expect.arrayContaining([role, ...policiesOf(template, role)]),
      );
    });

    it('let a database accept connections from the bot', () => {
      const vpcStack = synthesize((own) => ({ vpc: new Vpc(own, 'Vpc') }), delivery);
      const vpc = vpcStack.options.vpc as Vpc;
      const group = new SecurityGroup(vpcStack.stack, 'Database', { vpc });
      const database = new Connections({ securityGroups: [group], defaultPort: Port.tcp(5432) });
      database.allowDefaultPortFrom(vpcStack.bot.bot);
      Template.fromStack(vpcStack.stack).hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
        FromPort: 5432,
        SourceSecurityGroupId: {
          'Fn::GetAtt': [Match.stringLikeRegexp('^Bot.*SecurityGroup'), 'GroupId'],
        },
      });
    });
  },
);

describe('the validation of the template', () => {
  afterEach(() => vi.unstubAllEnvs());

  it.each(deliveries)('finds nothing with every option and $name delivery', ({ delivery }) => {
    const { app } = synthesize(everyOption, delivery);
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    vi.stubEnv('CDK_VALIDATION', undefined);
    expect(() => app.synth()).not.toThrow();
  });

  it('finds nothing with a file system', () => {
    const { app } = synthesize((stack) => {
      const vpc = new Vpc(stack, 'Vpc', { natGateways: 1 });
      vpc.addFlowLog('FlowLog');
      const files = new FileSystem(stack, 'Files', { vpc });
      const posix = { uid: '1000', gid: '1000' };
      const point = files.addAccessPoint('Point', {
        path: '/bot',
        createAcl: { ownerUid: '1000', ownerGid: '1000', permissions: '750' },
        posixUser: posix,
      });
      return { vpc, filesystem: FunctionFileSystem.fromEfsAccessPoint(point, '/mnt/bot') };
    });
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    vi.stubEnv('CDK_VALIDATION', undefined);
    expect(() => app.synth()).not.toThrow();
  });
});

describe('reservedConcurrentExecutions', () => {
  const reserve = (reserved: number, delivery?: Delivery) =>
    synthesize(() => ({ reservedConcurrentExecutions: reserved }), delivery);

  it('limits the queue too', () => {
    const { stack } = reserve(7, Delivery.queued());
    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      ScalingConfig: { MaximumConcurrency: 7 },
    });
  });

  it('lets the queue have less, and as much as SQS allows', () => {
    for (const [delivery, reserved, MaximumConcurrency] of [
      [Delivery.queued({ maxConcurrency: 3 }), 7, 3],
      [Delivery.queued(), 5000, 1000],
    ] as const) {
      Template.fromStack(reserve(reserved, delivery).stack).hasResourceProperties(
        'AWS::Lambda::EventSourceMapping',
        { ScalingConfig: { MaximumConcurrency } },
      );
    }
  });

  it.each<[string, number, Delivery, string]>([
    [
      '0',
      0,
      Delivery.direct(),
      'a whole number from 1, got 0: with 0, Lambda refuses every update',
    ],
    ['a fraction', 1.5, Delivery.direct(), 'a whole number from 1, got 1.5'],
    ['1 behind a queue', 1, Delivery.queued(), 'a whole number from 2, got 1'],
    [
      'less than the queue has',
      7,
      Delivery.queued({ maxConcurrency: 8 }),
      'maxConcurrency must be at most reservedConcurrentExecutions, got 8 and 7',
    ],
  ])('is refused if it is %s', (_, reserved, delivery, message) => {
    expect(() => reserve(reserved, delivery)).toThrow(message);
  });
});

it('installs packages with compiled code for the processor of the bot', () => {
  const directory = mkdtempSync(join(tmpdir(), 'npm-'));
  const args = join(directory, 'args');
  const npm = join(directory, 'npm');
  writeFileSync(npm, `#!/bin/sh\necho "$@" > '${args}'\nmkdir node_modules\n`);
  chmodSync(npm, 0o755);
  vi.stubEnv('PATH', directory + delimiter + process.env.PATH);
  try {
    const stack = new Stack(new App({ context: readCliContext([]) }), 'Kit');
    new TelegramBot(stack, 'Bot', {
      entry,
      token: Secret.fromSecretNameV2(stack, 'Token', 'telegram/test/bot-token'),
      bundling: { nodeModules: ['constructs'] },
      function: { architecture: Architecture.X86_64 },
    });
    expect(readFileSync(args, 'utf8')).toContain('--cpu=x64');
  } finally {
    vi.unstubAllEnvs();
  }
});
