import { AwsClient, type AwsClientOptions } from './client.ts';

/** The domains of AWS's partitions, by the beginning of their regions' names. */
const DOMAINS = [
  ['cn-', 'amazonaws.com.cn'],
  ['eu-isoe-', 'cloud.adc-e.uk'],
  ['eusc-', 'amazonaws.eu'],
  ['us-iso-', 'c2s.ic.gov'],
  ['us-isob-', 'sc2s.sgov.gov'],
  ['us-isof-', 'csp.hci.ic.gov'],
] as const;

/**
 * Gets the text of a secret in AWS Secrets Manager.
 *
 * @param secretId name or ARN
 * @param signal ends all attempts
 * @returns undefined for a secret that holds binary data
 * @throws AwsRefusedError with AWS's name for the error, or the error of `node:https`
 */
export async function getSecret(
  secretId: string,
  region: string,
  signal: AbortSignal,
  options: Pick<AwsClientOptions, 'ca' | 'now'> = {},
): Promise<string | undefined> {
  const secretsManager = new AwsClient({
    service: 'secretsmanager',
    target: 'secretsmanager',
    version: '1.1',
    endpoint: endpointIn(region),
    region,
    attemptMs: 3000,
    attempts: 3,
    ...options,
  });
  try {
    const secret = await secretsManager.send('GetSecretValue', { SecretId: secretId }, signal);
    return (secret as { SecretString?: string } | null)?.SecretString;
  } finally {
    secretsManager.close();
  }
}

/** Returns the endpoint in a region, or the one that the environment sets, as for the AWS SDK. */
export function endpointIn(region: string): URL {
  const { AWS_ENDPOINT_URL_SECRETS_MANAGER, AWS_ENDPOINT_URL } = process.env;
  const [, domain = 'amazonaws.com'] = DOMAINS.find(([start]) => region.startsWith(start)) ?? [];
  return new URL(
    AWS_ENDPOINT_URL_SECRETS_MANAGER ||
      AWS_ENDPOINT_URL ||
      `https://secretsmanager.${region}.${domain}`,
  );
}
