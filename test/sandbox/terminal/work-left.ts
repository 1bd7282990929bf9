import type { FunctionConfiguration, Lambda } from '../aws/lambda/lambda.ts';
import { constructName } from './construct-name.ts';
import { type SafeText, style } from './style.ts';

/** Explains, once for each function, that work which it left behind does not run as one may expect. */
export function explainWorkLeft(
  lambda: Pick<Lambda, 'onWorkLeft'>,
  print: (line: SafeText) => void,
): void {
  const explained = new Set<string>();
  lambda.onWorkLeft = ({ name, constructPath }: FunctionConfiguration, work) => {
    if (explained.has(name)) return;
    explained.add(name);
    const message =
      `${constructName(constructPath, name)} responded before its work was done (${summarize(work)}). ` +
      'Lambda freezes a function after its response, so this work runs late or never: await it.';
    print(style('yellow', message));
  };
}

/** Returns for example `1 timer, 2 HTTP requests`. */
function summarize(work: readonly string[]): string {
  return [...new Set(work)]
    .map((kind) => {
      const count = work.filter((other) => other === kind).length;
      return `${count} ${kind}${count === 1 ? '' : 's'}`;
    })
    .join(', ');
}
