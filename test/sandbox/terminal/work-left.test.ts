import { expect, it } from 'vitest';
import type { Lambda } from '../aws/lambda/lambda.ts';
import { explainWorkLeft } from './work-left.ts';

it('explains each function’s work once, by its name in the code', () => {
  const lambda = {} as Pick<Lambda, 'onWorkLeft'>;
  const printed: string[] = [];
  explainWorkLeft(lambda, (text) => printed.push(text));
  const leave = (configuration: object, ...work: string[]) =>
    lambda.onWorkLeft?.(configuration as never, work);

  leave({ name: 'one', constructPath: 'Stack/Bot/Queue/Bot/Resource' }, 'timer', 'HTTP request');
  leave({ name: 'one', constructPath: 'Stack/Bot/Queue/Bot/Resource' }, 'timer');
  leave({ name: 'two' }, 'HTTP request', 'timer', 'HTTP request');

  const reason =
    'Lambda freezes a function after its response, so this work runs late or never: await it.';
  expect(printed).toEqual([
    `Bot/Queue/Bot responded before its work was done (1 timer, 1 HTTP request). ${reason}`,
    `two responded before its work was done (2 HTTP requests, 1 timer). ${reason}`,
  ]);
});
