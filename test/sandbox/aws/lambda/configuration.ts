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
  // The settings below are accepted, but do not affect how the function runs.
  readonly description?: string;
  /** The construct's `aws:cdk:path`. */
  readonly constructPath?: string;
  readonly architectures?: readonly string[];
  readonly tracing?: string;
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
  checkLogging(configuration);
  checkEnvironment(configuration.environment);
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
