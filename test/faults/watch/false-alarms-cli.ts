import { parseArgs } from 'node:util';
import { countFalseAlarms } from './false-alarms.ts';

/** Lives `--days` of a bot with `--seed`, and counts the alarms that nobody needed. */
const { values } = parseArgs({
  options: { days: { type: 'string', default: '1000' }, seed: { type: 'string', default: '1' } },
});
const count = await countFalseAlarms(Number(values.days), Number(values.seed));
console.log(`${count} false alarms in ${values.days} bot-days (seed ${values.seed})`);
if (count > 0) process.exitCode = 1;
