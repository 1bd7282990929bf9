import type { WallClock } from '../../clock.ts';
import { HOME } from '../account.ts';
import type { Credentials } from '../iam.ts';
import type { FunctionConfiguration } from './configuration.ts';

/**
 * Returns all environment variables of a function's process: those that Lambda sets, and those that
 * lead to the sandbox's network. Only PATH is inherited, because proxies, certificates and credentials
 * of this machine must not leak in.
 */
export function environmentOf(
  configuration: FunctionConfiguration,
  instance: {
    codeDirectory: string;
    nodePath: string;
    runtimeApi: string;
    credentials: Credentials;
    logGroup: string;
    logStream: string;
    network: Readonly<Record<string, string>>;
    clock: WallClock;
    sourceMaps: boolean;
    skipsWaits: boolean;
  },
): Record<string, string> {
  const { environment, logFormat, applicationLogLevel, location = HOME } = configuration;
  const { credentials, network, clock, sourceMaps, skipsWaits } = instance;
  const nodeOptions = [environment.NODE_OPTIONS, network.NODE_OPTIONS];
  if (sourceMaps) nodeOptions.push('--enable-source-maps');
  return {
    PATH: process.env.PATH ?? '',
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    // The SDK logs a warning about this machine's Node when that is older than Lambda's.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    NODE_PATH: instance.nodePath,
    ...(logFormat === 'JSON' && {
      AWS_LAMBDA_LOG_FORMAT: 'JSON',
      AWS_LAMBDA_LOG_LEVEL: applicationLogLevel ?? 'INFO',
    }),
    ...environment,
    ...network,
    ...(clock.speed !== 1 && { SANDBOX_CLOCK: `${clock.start} ${clock.speed}` }),
    ...(skipsWaits && { SANDBOX_SKIPS_WAITS: '1' }),
    NODE_OPTIONS: nodeOptions.filter(Boolean).join(' '),
    _HANDLER: configuration.handler,
    LAMBDA_TASK_ROOT: instance.codeDirectory,
    LAMBDA_RUNTIME_DIR: instance.nodePath,
    AWS_REGION: location.region,
    AWS_DEFAULT_REGION: location.region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${configuration.runtime}`,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
    AWS_LAMBDA_FUNCTION_NAME: configuration.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(configuration.memorySize),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: instance.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: instance.logStream,
    AWS_LAMBDA_RUNTIME_API: instance.runtimeApi,
  };
}
