/** Waits for a service that never answers. */
await new Promise((resolve) => setTimeout(resolve, 3_600_000));

export const handler = undefined;
