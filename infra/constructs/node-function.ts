import { fileURLToPath } from 'node:url';
import { AssetHashType, DockerImage, type Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
  type Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { bundle } from '../bundling/bundle-in-synth.ts';
import { checkHandler } from '../bundling/handler.ts';
import type { BundlingSettings } from '../settings/bundling.ts';
import { resolveEntry } from '../settings/entry.ts';

export interface NodeFunctionProps {
  /** The function's entry, as an absolute path or one from the project's root: `functions/bot.ts`. */
  readonly entry: string;
  /** @default - the defaults of `BundlingSettings` */
  readonly bundling?: BundlingSettings;
  readonly description: string;
  /** In MiB. */
  readonly memorySize: number;
  readonly timeout: Duration;
  readonly logRetention: RetentionDays;
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
  constructor(scope: Construct, id: string, props: NodeFunctionProps) {
    const { entry, bundling, logRetention, ...rest } = props;
    const architecture = Architecture.ARM_64;
    // The function's own scope exists only after `super`, so its log group and role live in one beside it.
    const logging = new FunctionLogging(scope, `${id}Logging`, logRetention);
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

/** A log group that is deleted with the stack, and a Lambda role that may write only to it. */
export class FunctionLogging extends Construct {
  readonly logGroup: LogGroup;
  readonly role: Role;

  constructor(scope: Construct, id: string, retention: RetentionDays) {
    super(scope, id);
    this.logGroup = new LogGroup(this, 'LogGroup', {
      retention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    this.logGroup.grantWrite(this.role);
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
