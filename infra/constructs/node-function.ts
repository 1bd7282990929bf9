import { fileURLToPath } from 'node:url';
import { AssetHashType, DockerImage, type Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  type Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { bundle } from '../bundling/bundle.ts';

export interface NodeFunctionProps {
  /** Path of the function's entry from the project's root: `functions/bot.ts`. */
  readonly entry: string;
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
    const { entry, logRetention, ...rest } = props;
    // The function's own scope exists only after `super`, so its log group and role live in one beside it.
    const logging = new FunctionLogging(scope, `${id}Logging`, logRetention);
    super(scope, id, {
      ...rest,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: functionCode(entry),
      role: logging.role,
      logGroup: logging.logGroup,
      loggingFormat: LoggingFormat.JSON,
    });
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

function functionCode(entry: string): Code {
  return Code.fromAsset(fileURLToPath(new URL('../../functions', import.meta.url)), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // esbuild runs in this process; no container is ever started.
      image: DockerImage.fromRegistry('none'),
      // The CDK distinguishes assets of one folder by their command, not by `local`.
      command: ['esbuild', entry],
      local: {
        tryBundle(outputDirectory) {
          bundle(entry, outputDirectory);
          return true;
        },
      },
    },
  });
}
