import type { Metric } from './metrics.ts';

interface EmbeddedValue extends Metric {
  readonly value: number;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

interface Directive {
  readonly Namespace: string;
  readonly Dimensions: readonly (readonly string[])[];
  readonly Metrics: readonly { readonly Name: string }[];
}

/**
 * Reads the metrics in a log line of CloudWatch's embedded metric format. `_aws` counts only at the root of the line:
 * what `console.log` prints is nested in Lambda's JSON format. A line that is not valid has no metrics.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function embeddedMetrics(line: string): EmbeddedValue[] {
  if (!line.startsWith('{') || !line.includes('"_aws"')) return [];
  const root = parsed(line);
  const { Timestamp: time, CloudWatchMetrics: directives } = root?._aws ?? {};
  if (!Number.isInteger(time) || !Array.isArray(directives) || !directives.every(isDirective)) {
    return [];
  }
  return directives.flatMap(({ Namespace: namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((keys) => {
      const dimensions = Object.fromEntries(keys.map((key) => [key, root[key]]));
      if (!Object.values(dimensions).every(isName)) return [];
      return Metrics.flatMap(({ Name: name }) =>
        [root[name]]
          .flat()
          .filter((value) => Number.isFinite(value))
          .map((value) => ({ namespace, name, dimensions, value, time })),
      );
    }),
  );
}

function isDirective(directive: Partial<Directive> | null): directive is Directive {
  const { Namespace, Dimensions, Metrics } = directive ?? {};
  return (
    isName(Namespace) &&
    Array.isArray(Dimensions) &&
    Dimensions.every((keys) => Array.isArray(keys) && keys.length <= 30 && keys.every(isName)) &&
    Array.isArray(Metrics) &&
    Metrics.length <= 100 &&
    Metrics.every((metric) => isName(metric?.Name))
  );
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= 1024;
}

// biome-ignore lint/suspicious/noExplicitAny: whatever a function writes
function parsed(line: string): any {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
