/** Formats the time of day in the person's time zone: `14:03:05.120`. */
export function timeOfDay(ms: number): string {
  const date = new Date(ms);
  const pad = (value: number, length = 2) => String(value).padStart(length, '0');
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map((each) => pad(each));
  return `${time.join(':')}.${pad(date.getMilliseconds(), 3)}`;
}

/** Formats a duration to be compared at a glance: `87 ms`, `1.24 s`. */
export function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;
}
