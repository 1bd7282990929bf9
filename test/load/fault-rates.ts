/** How often the bot fails, from 0 to 1, and how long it takes, in milliseconds. */
export interface Temper {
  readonly throws: number;
  readonly hangs: number;
  readonly takesMs: number;
}

export const TEMPER = 'LOAD_TEMPER';
