import { expect, it } from 'vitest';
import { kitStack } from './app.ts';
import { appOptions, runCommand } from './command.ts';
import { newTestBed, setForeignWebhook } from './test-bed.ts';

const testBed = newTestBed();

it('npm run plan shows what a deploy would change at Telegram, and changes nothing', async () => {
  const { methods, sandbox } = testBed();
  const plan = () => runCommand(sandbox, 'plan', appOptions);
  const first = await plan();
  expect(first).toMatchObject({ exitCode: 0, stderr: '' });
  expect(first.stdout).toMatch(/^TelegramBot-test\/Bot {2}new bot\n/);
  expect(first.stdout).toContain('  + maxConnections      40\n');
  expect(first.stdout).toContain('Telegram cannot be asked');

  const deployed = kitStack({ maxConnections: 10 }, { name: 'TelegramBot-test' });
  const { status, reason } = await sandbox.cloudFormation.deploy(deployed);
  expect(status, reason).toBe('CREATE_COMPLETE');
  const calls = methods().length;
  const second = await plan();
  expect(second).toMatchObject({ exitCode: 0, stderr: '' });
  expect(second.stdout).toMatch(
    /^TelegramBot-test\/Bot {2}changes\n {2}~ maxConnections {6}10 → 40\n/,
  );
  expect(second.stdout).toMatch(/Telegram delivers to \S+\.amazonaws\.com, with/);
  expect(
    methods()
      .slice(calls)
      .filter((method) => !method.startsWith('get')),
  ).toEqual([]);

  await setForeignWebhook(testBed());
  expect((await plan()).stdout.replaceAll(/\s+/g, ' ')).toContain(
    "now, which is not this stack's: the deploy replaces that webhook.",
  );
});
