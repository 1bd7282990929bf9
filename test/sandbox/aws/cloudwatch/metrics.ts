import type { Clock } from '../../clock.ts';
import { HOME, type Location, locationOf } from '../account.ts';
import type { Logs } from '../logs.ts';
import { embeddedMetrics } from './embedded-metrics.ts';

/** A metric's identity. */
export interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

export const STATISTICS = ['Average', 'Maximum', 'Minimum', 'SampleCount', 'Sum'] as const;
export type Statistic = (typeof STATISTICS)[number];

export const MINUTE = 60_000;
/** How many minutes with values a metric keeps: a day, the longest that an alarm with periods of minutes looks back. */
const KEPT = 1440;

interface Bucket {
  sum: number;
  count: number;
  min: number;
  max: number;
}

/** The values of one metric, by minute. */
export class Series {
  private readonly buckets = new Map<number, Bucket>();

  add(value: number, time: number): void {
    const minute = Math.floor(time / MINUTE);
    const known = this.buckets.get(minute);
    const { sum, count, min, max } = known ?? { sum: 0, count: 0, min: value, max: value };
    this.buckets.set(minute, {
      sum: sum + value,
      count: count + 1,
      min: Math.min(min, value),
      max: Math.max(max, value),
    });
    const [oldest] = this.buckets.keys();
    if (this.buckets.size > KEPT && oldest !== undefined) this.buckets.delete(oldest);
  }

  /** Returns a statistic of the values since `from` and before `to`, or undefined if there are none. */
  statistic(name: Statistic, from: number, to: number): number | undefined {
    const found: Bucket[] = [];
    for (let minute = Math.ceil(from / MINUTE); minute * MINUTE < to; minute++) {
      const bucket = this.buckets.get(minute);
      if (bucket) found.push(bucket);
    }
    if (found.length === 0) return undefined;
    const total = (key: 'sum' | 'count') => found.reduce((sum, bucket) => sum + bucket[key], 0);
    if (name === 'Maximum') return Math.max(...found.map(({ max }) => max));
    if (name === 'Minimum') return Math.min(...found.map(({ min }) => min));
    if (name === 'SampleCount') return total('count');
    return name === 'Sum' ? total('sum') : total('sum') / total('count');
  }
}

/**
 * All metrics, those of the services and those in log lines. Values are there at once; on AWS, they take a minute or
 * more.
 */
export class Metrics {
  private readonly clock: Clock;
  private readonly series = new Map<string, Series>();

  constructor(clock: Clock, logs: Logs) {
    this.clock = clock;
    logs.onLine = (line, location) => {
      for (const { value, time, ...metric } of embeddedMetrics(line)) {
        this.put(metric, value, { time, location });
      }
    };
  }

  /** Returns the values of a metric, which may still be empty. */
  of({ namespace, name, dimensions }: Metric, { account, region } = HOME): Series {
    const sorted = Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1));
    const key = JSON.stringify([account, region, namespace, name, sorted]);
    const series = this.series.get(key) ?? new Series();
    this.series.set(key, series);
    return series;
  }

  put(metric: Metric, value: number, options: { time?: number; location?: Location } = {}): void {
    this.of(metric, options.location).add(value, options.time ?? this.clock.now());
  }

  /** Counts an invocation of a function, when it has ended. */
  countInvocation(
    { name, location }: { name: string; location?: Location },
    { functionError, durationMs }: { functionError?: string; durationMs: number },
  ): void {
    const values = {
      Invocations: 1,
      Errors: functionError ? 1 : 0,
      Throttles: 0,
      Duration: durationMs,
    };
    this.putAll('AWS/Lambda', values, { FunctionName: name }, location);
  }

  /** Counts an invocation that has been refused because too many are in progress. */
  countThrottle({ name, location }: { name: string; location?: Location }): void {
    this.putAll('AWS/Lambda', { Throttles: 1 }, { FunctionName: name }, location);
  }

  /** Counts a response of an HTTP API. */
  countResponse(apiId: string, status: number, location: Location): void {
    const values = {
      Count: 1,
      '4xx': status >= 400 && status < 500 ? 1 : 0,
      '5xx': status >= 500 ? 1 : 0,
    };
    this.putAll('AWS/ApiGateway', values, { ApiId: apiId }, location);
    this.putAll('AWS/ApiGateway', values, { ApiId: apiId, Stage: '$default' }, location);
  }

  /** Counts a response of a function URL. */
  countUrlRequest(functionArn: string, status: number, latencyMs: number): void {
    const values = {
      UrlRequestCount: 1,
      UrlRequestLatency: latencyMs,
      Url4xxCount: status >= 400 && status < 500 ? 1 : 0,
      Url5xxCount: status >= 500 ? 1 : 0,
    };
    const FunctionName = functionArn.slice(functionArn.lastIndexOf(':') + 1);
    this.putAll('AWS/Lambda', values, { FunctionName }, locationOf(functionArn));
  }

  putAll(
    namespace: string,
    values: Readonly<Record<string, number>>,
    dimensions: Readonly<Record<string, string>>,
    location?: Location,
    time?: number,
  ): void {
    for (const [name, value] of Object.entries(values)) {
      this.put({ namespace, name, dimensions }, value, { location, time });
    }
  }
}
