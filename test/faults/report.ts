import { writeFileSync } from 'node:fs';
import { playMatrix, toMarkdown } from './matrix.ts';

// The CDK's check of the template takes seconds, and is no part of this.
process.env.CDK_VALIDATION = 'false';

/** Plays every step under every fault, prints the table and writes it to `MATRIX.md`. */
let played = 0;
let wrong = 0;
const matrix = await playMatrix(({ step, fault, problems }) => {
  played++;
  if (process.stderr.isTTY) process.stderr.write(`\r${played} cells`);
  if (problems.length === 0) return;
  wrong++;
  console.error(`\n${step.name}, ${fault.point}: ${fault.name}: ${problems.join('; ')}`);
});
const markdown = toMarkdown(matrix);
console.log(`\n${markdown}`);
console.log(`${played} cells, ${wrong} against the rule`);
if (wrong > 0) process.exitCode = 1;
else writeFileSync(new URL('MATRIX.md', import.meta.url), markdown);
