/** How often the bot fails, from 0 to 1, and how long it takes, in milliseconds. */
export interface FaultRates {
  readonly throws: number;
  readonly hangs: number;
  /** Longer than the bot's timeout. */
  readonly hangsMs: number;
  readonly takesMs: number;
}

/** The environment variable that carries the rates to the bot, as JSON. */
export const FAULT_RATES = 'LOAD_FAULT_RATES';

/** What an answer begins with that the bot sent after its time was over. */
export const LATE = 'late ';
