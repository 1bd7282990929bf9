// The SDK would announce in front of every command on Node 20 that newer versions of the SDK need a newer Node.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

/**
 * Returns the options of the commands' AWS clients. The SDK waits without limit, so a proxy that swallows a request would
 * hang a command.
 *
 * @param region the SDK's own if absent
 * @param requestTimeout in milliseconds; the registrar, which asks Telegram, needs more
 */
export function clientOptions(region?: string, requestTimeout = 20_000) {
  return {
    region,
    maxAttempts: 2,
    requestHandler: {
      connectionTimeout: 10_000,
      requestTimeout,
      throwOnRequestTimeout: true,
    },
  };
}
