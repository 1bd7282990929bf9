import { fileURLToPath } from 'node:url';
import { AssetHashType, DockerImage, type Duration, Stack, Validations } from 'aws-cdk-lib';
import { type IGrantable, Policy, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { KeyGrants } from 'aws-cdk-lib/aws-kms';
import {
  Architecture,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
  type Tracing,
} from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { bundle } from '../bundling/bundle-in-synth.ts';
import { checkHandler } from '../bundling/handler.ts';
import type { BundlingSettings } from '../settings/bundling.ts';
import { resolveEntry } from '../settings/entry.ts';
import type { FunctionSettings } from '../settings/function.ts';
import { FunctionLogging, type FunctionLoggingProps } from './function-logging.ts';

export interface NodeFunctionProps
  extends FunctionSettings,
    Pick<FunctionLoggingProps, 'hasEarlyRole'> {
  /** The function's entry, as an absolute path or one from the project's root: `functions/bot.ts`. */
  readonly entry: string;
  /** @default - the defaults of `BundlingSettings` */
  readonly bundling?: BundlingSettings;
  readonly description: string;
  /** In MiB. */
  readonly memorySize: number;
  readonly timeout: Duration;
  readonly logRetention: FunctionLoggingProps['retention'];
  /** @default - no environment variables */
  readonly environment?: { [name: string]: string };
  /** @default - X-Ray is off */
  readonly tracing?: Tracing;
}

/**
 * A Lambda function of this kit, bundled by esbuild, with a log group and a role of its own.
 *
 * The role may write to that log group but not create one. With AWS's basic execution role, a line written late
 * would re-create the group after `cdk destroy`, without retention, and it would stay.
 */
export class NodeFunction extends LambdaFunction {
  /** The grantee of what the kit itself grants. The function has these rights whenever it runs. */
  readonly rights: IGrantable;

  constructor(scope: Construct, id: string, props: NodeFunctionProps) {
    const { entry, bundling, architecture = Architecture.ARM_64, ...others } = props;
    const { logRetention: retention, hasEarlyRole, ...rest } = others;
    // The function's own scope exists only after `super`, so its log group and role live in one beside it.
    const logging = new FunctionLogging(scope, `${id}Logging`, { retention, hasEarlyRole });
    grantOptions(logging, rest);
    acknowledgeOptions(logging.role, rest);
    super(scope, id, {
      ...rest,
      runtime: Runtime.NODEJS_24_X,
      architecture,
      handler: 'index.handler',
      code: functionCode(scope, { entry, bundling, architecture }),
      role: logging.role,
      logGroup: logging.logGroup,
      loggingFormat: LoggingFormat.JSON,
      // Lambda's own two lines an invocation would cost as much as the invocation.
      systemLogLevelV2: SystemLogLevel.WARN,
    });
    this.rights = logging.rights;
    if (isForThisMachine(this)) {
      this.node.addMetadata(BUNDLE_METADATA, {
        program: fileURLToPath(new URL('../bundling/rebundle.ts', import.meta.url)),
        entry: resolveEntry(entry),
        bundling: bundling ?? {},
        sources: Stack.of(this).bundlingRequired ? bundle(entry, bundling).sources : [],
      });
    }
  }
}

/** Grants a role what the options of its function need and the CDK leaves to those who bring their own role. */
function grantOptions(
  { role, rights }: FunctionLogging,
  { vpc, environmentEncryption }: FunctionSettings,
): void {
  if (environmentEncryption) KeyGrants.fromKey(environmentEncryption).decrypt(rights);
  if (!vpc) return;
  // A policy of its own: when the function leaves its VPC, CloudFormation deletes it after that, and not before.
  const policy = new Policy(role, 'VpcAccess', {
    roles: [role],
    statements: [
      new PolicyStatement({
        actions: [
          'ec2:CreateNetworkInterface',
          'ec2:DescribeNetworkInterfaces',
          'ec2:DescribeSubnets',
          'ec2:DeleteNetworkInterface',
          'ec2:AssignPrivateIpAddresses',
          'ec2:UnassignPrivateIpAddresses',
        ],
        resources: ['*'],
        // Lambda sets this key in the requests of the function's code, and not in its own.
        conditions: { Null: { 'lambda:SourceFunctionArn': 'true' } },
      }),
    ],
  });
  Validations.of(policy).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason:
      'Lambda demands these rights for all network interfaces. The code of the function does not get them.',
  });
}

/** Acknowledges what the CDK itself grants for options of a function. */
function acknowledgeOptions(role: Role, { filesystem, insightsVersion }: FunctionSettings): void {
  if (filesystem) {
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'The right to mount file systems has a condition, which names the access point.',
    });
  }
  if (insightsVersion) {
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/CloudWatchLambdaInsightsExecutionRolePolicy]',
      reason: 'Lambda Insights demands this policy.',
    });
  }
}

/** The metadata that tells `npm start` how to bundle a function again. */
const BUNDLE_METADATA = 'telegram-webhook-kit:bundle';

/**
 * The context key that makes the sandbox's bundles: packages with compiled code are this machine's.
 * `npm start` and the end-to-end tests set it.
 */
const THIS_MACHINE = 'telegram-webhook-kit:bundleForThisMachine';

function isForThisMachine(scope: Construct): boolean {
  return scope.node.tryGetContext(THIS_MACHINE) !== undefined;
}

function functionCode(
  scope: Construct,
  {
    entry,
    bundling,
    architecture,
  }: Pick<NodeFunctionProps, 'entry' | 'bundling'> & { architecture: Architecture },
): Code {
  const isBundled = Stack.of(scope).bundlingRequired;
  const target = isForThisMachine(scope) ? undefined : architecture.name;
  // Outside `tryBundle`, whose errors the CDK buries in one of its own.
  const bundled = isBundled ? bundle(entry, bundling) : undefined;
  if (bundled) checkHandler(bundled.metafile);
  return Code.fromAsset(fileURLToPath(new URL('../../functions', import.meta.url)), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // esbuild runs in this process; no container is ever started.
      image: DockerImage.fromRegistry('none'),
      // The CDK distinguishes assets of one folder by their command, not by `local`.
      command: ['esbuild', resolveEntry(entry), JSON.stringify([bundling, target])],
      local: {
        tryBundle(directory) {
          bundled?.write(directory, target);
          return true;
        },
      },
    },
  });
}
