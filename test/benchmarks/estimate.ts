/** How long something took, and how much of a processor's time it used, in milliseconds. */
export interface Phase {
  readonly wallMs: number;
  /** User and system time of all threads. */
  readonly cpuMs: number;
}

/** The memory sizes, in MiB, that the bench estimates for. */
export const MEMORY_SIZES = [128, 256, 512, 1769] as const;

/**
 * The memory size, in MiB, at which Lambda gives an invocation one whole processor.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
 */
const WHOLE_PROCESSOR_MIB = 1769;

/**
 * Estimates how many milliseconds a first response takes at a memory size.
 *
 * Loading counts as measured, because Lambda has been seen to give it a whole processor at any size. An invocation has a
 * share of one, so its processor time grows in proportion; the time that it waits does not.
 *
 * @param memoryMiB at most 1769
 */
export function estimateMs(load: Phase, first: Phase, memoryMiB: number): number {
  const waitedMs = Math.max(0, first.wallMs - first.cpuMs);
  const invocationMs = waitedMs + (first.cpuMs * WHOLE_PROCESSOR_MIB) / memoryMiB;
  return load.wallMs + Math.max(first.wallMs, invocationMs);
}
