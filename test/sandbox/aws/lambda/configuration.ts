import { statSync } from 'node:fs';
import type { Location } from '../account.ts';
import { ServiceError } from '../service-error.ts';

export interface FunctionConfiguration {
  /** @default HOME */
  readonly location?: Location;
  readonly name: string;
  readonly roleArn: string;
  readonly handler: string;
  readonly runtime: string;
  /** Seconds. */
  readonly timeout: number;
  /** MB. Reported to the function, not enforced. */
  readonly memorySize: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly codeDirectory: string;
  /** @default - `/aws/lambda/<name>` */
  readonly logGroup?: string;
  readonly logFormat?: 'JSON' | 'Text';
  /** Requires `logFormat: 'JSON'`. */
  readonly applicationLogLevel?: string;
  /** How many invocations may be in progress at the same time. Further ones are throttled. @default - any number */
  readonly reservedConcurrency?: number;
  // The settings below are checked, but do not affect how the function runs.
  readonly description?: string;
  /** The construct's `aws:cdk:path`. */
  readonly constructPath?: string;
  readonly architectures?: readonly string[];
  readonly tracing?: string;
  readonly vpc?: {
    readonly subnetIds: readonly string[];
    readonly securityGroupIds: readonly string[];
  };
  /** ARN of a queue or a topic for events whose asynchronous invocations have failed. */
  readonly deadLetterArn?: string;
  /** ARNs of layer versions. */
  readonly layers?: readonly string[];
  /** MB. */
  readonly ephemeralStorage?: number;
  readonly codeSigningConfigArn?: string;
  readonly kmsKeyArn?: string;
}

/** Variables that Lambda defines itself. */
const RESERVED_VARIABLES = [
  '_HANDLER',
  '_X_AMZN_TRACE_ID',
  'AWS_ACCESS_KEY',
  'AWS_ACCESS_KEY_ID',
  'AWS_DEFAULT_REGION',
  'AWS_EXECUTION_ENV',
  'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
  'AWS_LAMBDA_FUNCTION_NAME',
  'AWS_LAMBDA_FUNCTION_VERSION',
  'AWS_LAMBDA_INITIALIZATION_TYPE',
  'AWS_LAMBDA_LOG_GROUP_NAME',
  'AWS_LAMBDA_LOG_STREAM_NAME',
  'AWS_LAMBDA_RUNTIME_API',
  'AWS_REGION',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'LAMBDA_RUNTIME_DIR',
  'LAMBDA_TASK_ROOT',
];
const ENVIRONMENT_LIMIT = 4096;
/** Quotas of an account: all concurrent invocations, and those that no function may reserve. */
const ACCOUNT_CONCURRENCY = 1000;
const UNRESERVED = 100;
const LAYER = /^arn:aws:lambda:[a-z0-9-]+:\d{12}:layer:[\w-]+:\d+$/;
const CODE_SIGNING = /^arn:aws:lambda:[a-z0-9-]+:\d{12}:code-signing-config:csc-[a-z0-9]{17}$/;
const LOG_LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];

/** Checks a configuration. @throws ServiceError, as Lambda does, when it is not valid */
export function checkConfiguration(configuration: FunctionConfiguration): void {
  const { name, handler, runtime, timeout, memorySize, codeDirectory } = configuration;
  demand(/^[\w-]{1,64}$/.test(name), `Function name ${name} is not valid`);
  demand(/^nodejs\d+\.x$/.test(runtime), `The sandbox runs only Node functions, got ${runtime}`);
  demand(/^[^\s]{1,128}$/.test(handler), `Handler ${handler} is not valid`);
  demand(isBetween(timeout, 1, 900), `Timeout must be 1 to 900 seconds, got ${timeout}`);
  demand(isBetween(memorySize, 128, 10240), `MemorySize must be 128 to 10240, got ${memorySize}`);
  demand(
    statSync(codeDirectory, { throwIfNoEntry: false })?.isDirectory() === true,
    `Not a directory: ${codeDirectory}`,
  );
  checkLimits(configuration);
  checkReferences(configuration);
  checkLogging(configuration);
  checkEnvironment(configuration.environment);
}

function checkLimits(configuration: FunctionConfiguration): void {
  const { reservedConcurrency: reserved = 0, ephemeralStorage = 512 } = configuration;
  demand(
    isBetween(reserved, 0, ACCOUNT_CONCURRENCY - UNRESERVED),
    `Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its ` +
      `minimum value of [${UNRESERVED}].`,
  );
  demand(
    isBetween(ephemeralStorage, 512, 10240),
    `EphemeralStorage must be 512 to 10240, got ${ephemeralStorage}`,
  );
}

function checkReferences(configuration: FunctionConfiguration): void {
  const { architectures = [], layers = [], vpc, codeSigningConfigArn, kmsKeyArn } = configuration;
  demand(architectures.length <= 1, `A function has one architecture, got ${architectures}`);
  demand(layers.length <= 5, `A function has at most 5 layers, got ${layers.length}`);
  for (const layer of layers) {
    demand(LAYER.test(layer), `Layer ${layer} is not the ARN of a layer version`);
  }
  const inVpc = [...(vpc?.subnetIds ?? []), ...(vpc?.securityGroupIds ?? [])];
  demand(
    vpc === undefined || (vpc.subnetIds.length > 0 && vpc.securityGroupIds.length > 0),
    'VpcConfig needs at least one subnet and one security group',
  );
  for (const id of inVpc)
    demand(/^(subnet|sg)-[0-9a-z]+$/.test(id), `Invalid id in VpcConfig: ${id}`);
  demand(
    codeSigningConfigArn === undefined || CODE_SIGNING.test(codeSigningConfigArn),
    `Invalid code signing configuration: ${codeSigningConfigArn}`,
  );
  demand(
    kmsKeyArn === undefined || kmsKeyArn.startsWith('arn:aws:kms:'),
    `Invalid KMS key ARN: ${kmsKeyArn}`,
  );
}

function checkLogging({ logFormat, applicationLogLevel }: FunctionConfiguration): void {
  if (applicationLogLevel === undefined) return;
  demand(
    logFormat === 'JSON',
    'ApplicationLogLevel needs LogFormat JSON: it cannot filter plain text',
  );
  demand(
    LOG_LEVELS.includes(applicationLogLevel),
    `ApplicationLogLevel must be one of ${LOG_LEVELS}, got ${applicationLogLevel}`,
  );
}

function checkEnvironment(environment: Readonly<Record<string, string>>): void {
  const prefix = 'Lambda was unable to configure your environment variables because the';
  const reserved = Object.keys(environment).filter((name) => RESERVED_VARIABLES.includes(name));
  demand(
    reserved.length === 0,
    `${prefix} environment variables you have provided contains reserved keys that are currently not ` +
      `supported for modification. Reserved keys used in this request: ${reserved.join(', ')}`,
  );
  const malformed = Object.keys(environment).filter((name) => !/^[a-zA-Z]\w+$/.test(name));
  demand(malformed.length === 0, `${prefix} names are not valid: ${malformed.join(', ')}`);
  const size = Buffer.byteLength(JSON.stringify(environment));
  demand(
    size <= ENVIRONMENT_LIMIT,
    `${prefix} environment variables you have provided exceeded the 4KB limit (${size} bytes)`,
  );
}

function isBetween(value: number, low: number, high: number): boolean {
  return Number.isInteger(value) && value >= low && value <= high;
}

function demand(condition: boolean, message: string): asserts condition {
  if (!condition) throw new ServiceError('InvalidParameterValueException', message);
}
