/** The domains of AWS's partitions, by the beginning of their regions' names. */
const DOMAINS = [
  ['cn-', 'amazonaws.com.cn'],
  ['eu-isoe-', 'cloud.adc-e.uk'],
  ['eusc-', 'amazonaws.eu'],
  ['us-iso-', 'c2s.ic.gov'],
  ['us-isob-', 'sc2s.sgov.gov'],
  ['us-isof-', 'csp.hci.ic.gov'],
] as const;

/** The variables that set the endpoint of one service, as for the AWS SDK. */
const VARIABLES = {
  secretsmanager: 'AWS_ENDPOINT_URL_SECRETS_MANAGER',
  sts: 'AWS_ENDPOINT_URL_STS',
} as const;

/** Returns a service's endpoint in a region, or the one that the environment sets, as for the AWS SDK. */
export function endpointIn(region: string, service: keyof typeof VARIABLES): URL {
  const [, domain = 'amazonaws.com'] = DOMAINS.find(([start]) => region.startsWith(start)) ?? [];
  return new URL(
    process.env[VARIABLES[service]] ||
      process.env.AWS_ENDPOINT_URL ||
      `https://${service}.${region}.${domain}`,
  );
}
