import { Token } from 'aws-cdk-lib';

/**
 * The environment variables that Lambda sets itself. A function that sets one of them cannot be created.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 */
const LAMBDA_VARIABLES: ReadonlySet<string> = new Set([
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
  'AWS_LAMBDA_MAX_CONCURRENCY',
  'AWS_LAMBDA_METADATA_API',
  'AWS_LAMBDA_METADATA_TOKEN',
  'AWS_LAMBDA_RUNTIME_API',
  'AWS_REGION',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'LAMBDA_RUNTIME_DIR',
  'LAMBDA_TASK_ROOT',
]);

/**
 * Checks the names of environment variables. A name that is known only at deploy time passes.
 *
 * @throws Error that shows a name which Lambda refuses, and what it allows
 */
export function checkVariableNames(names: readonly string[]): void {
  for (const name of names) {
    if (Token.isUnresolved(name)) continue;
    if (LAMBDA_VARIABLES.has(name)) {
      throw new Error(`environment must not set ${name}: Lambda sets it; choose another name`);
    }
    if (!/^[a-zA-Z][a-zA-Z0-9_]+$/.test(name)) {
      throw new Error(
        'A name in environment must be a letter and then one or more letters, digits and underscores, ' +
          `got ${JSON.stringify(name)}`,
      );
    }
  }
}
