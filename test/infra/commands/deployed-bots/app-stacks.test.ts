import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { appStacks } from '../../../../infra/commands/deployed-bots/app-stacks.ts';
import { contextOf } from '../../../../infra/commands/deployed-bots/options.ts';

const app = 'node --import tsx test/infra/commands/deployed-bots/app.ts';

afterEach(() => vi.unstubAllEnvs());

describe('the stacks of an app', () => {
  it('are those with bots, in stages and nested stacks too, under the names they are deployed with', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'app-stacks-'));
    vi.stubEnv('TMPDIR', directory);
    const stacks = await appStacks(app, { stage: 'prod' });
    expect(
      stacks.map(({ bots, ...stack }) => ({ ...stack, bots: bots.map(({ path }) => path) })),
    ).toEqual([
      { name: 'shop-prod', id: 'Shop', bots: ['Shop/Sales', 'Shop/Support'] },
      {
        name: 'Europe-Parent',
        id: 'Europe/Parent',
        region: 'eu-central-1',
        account: '111122223333',
        bots: ['Europe/Parent/Nested/Bot'],
      },
    ]);
    expect(stacks[0]?.bots[0]?.webhook).toMatchObject({ MaxConnections: '40' });
    expect(readdirSync(directory).filter((name) => name.startsWith('cdk.out'))).toEqual([]);
  });

  it("are unknown when the app fails: the error is the app's, and names the way around it", async () => {
    const error = await appStacks(app, { stage: 'broken' }).catch((error: Error) => error.message);
    expect(error).toBe(
      'The app that says which stacks have bots failed: Context stage is broken\n' +
        '--stack NAME names a deployed stack without running the app.',
    );
    await expect(appStacks('exit 1', {})).rejects.toThrow('failed: it printed nothing');
  });
});

describe('the context of a command', () => {
  it('is that of -c and --stage', () => {
    expect(contextOf({ context: ['a=b=c', 'delivery=queued'], stage: 'prod' })).toEqual({
      a: 'b=c',
      delivery: 'queued',
      stage: 'prod',
    });
    expect(contextOf({})).toEqual({});
  });

  it.each([
    [{ context: ['stage'] }, '-c takes key=value, got stage'],
    [{ context: ['stage=dev'], stage: 'prod' }, 'they name different stages'],
    [{ stack: 'Bot', stage: 'prod' }, 'either --stack'],
    [{ stack: 'Bot', context: ['a=b'] }, 'either --stack'],
  ])('refuses %j', (options, message) => {
    expect(() => contextOf(options)).toThrow(message);
  });
});
