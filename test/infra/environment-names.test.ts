import { describe, expect, it } from 'vitest';
import { botStack } from './synth.ts';

const withVariable = (name: string) => () => botStack({ environment: { [name]: 'mine' } });

describe('the name of an environment variable', () => {
  it.each(['AWS_REGION', '_HANDLER', 'LAMBDA_TASK_ROOT', 'AWS_LAMBDA_RUNTIME_API'])(
    'is refused when Lambda sets the variable itself: %s',
    (name) => {
      expect(withVariable(name)).toThrow(`environment must not set ${name}: Lambda sets it`);
    },
  );

  it.each(['MY-VAR', '1A', '_MINE', 'A', '', 'MY.VAR', 'MY VAR', 'GRÜSSE'])(
    'is refused when Lambda does not allow it: %j',
    (name) => {
      expect(withVariable(name)).toThrow(
        `must be a letter and then one or more letters, digits and underscores, got ${JSON.stringify(name)}`,
      );
    },
  );

  it.each(['GREETING', 'a1', 'TZ', 'AWS_MINE', 'NODE_OPTIONS'])('may be %s', (name) => {
    expect(withVariable(name)).not.toThrow();
  });
});
