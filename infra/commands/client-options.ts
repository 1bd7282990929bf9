/**
 * Returns the options of the commands' AWS clients. The SDK waits without limit, so a proxy that swallows a request would
 * hang a command. The slowest answer is the registrar's, which asks Telegram.
 *
 * @param region @default - the SDK's
 */
export function clientOptions(region?: string) {
  return {
    region,
    maxAttempts: 2,
    requestHandler: {
      connectionTimeout: 10_000,
      requestTimeout: 60_000,
      throwOnRequestTimeout: true,
    },
  };
}
