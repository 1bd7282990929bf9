import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { storeTokenCommand } from '../../../functions/bot-token/commands.ts';
import { toReason } from '../../../functions/registrar/reason.ts';
import { linesInCdkCli } from './cdk-cli.ts';

const bytes = (text: string) => Buffer.byteLength(JSON.stringify(text));

describe('toReason', () => {
  it('says what happened, then what to do', () => {
    const reason = toReason({ what: 'It broke', fix: 'Mend it:\ncdk deploy\nThen rest.' });
    expect(reason).toBe('It broke. Mend it:\ncdk deploy\nThen rest.');
  });

  it('says only what to do when that says both', () => {
    expect(toReason({ what: '', fix: 'It broke. Mend it.' })).toBe('It broke. Mend it.');
  });

  it('replaces control characters, invisible ones and line breaks of others', () => {
    const what = 'a\u001b[31m\u0007b\u009bc\u0000d\ne\r\n\tf\u202eg\u2028h';
    expect(toReason({ what, fix: 'x\u001by:\ncdk\u0007 deploy' })).toBe(
      'a [31m b c d e f g h. x y:\ncdk deploy',
    );
  });

  it.each([
    ['letters', 'x'],
    ['control characters', '\u0001'],
    ['quotes', '"'],
    ['backslashes', '\\'],
    ['emoji', '👩'],
    ['halves of characters', '\ud800'],
    ['line breaks', 'a\n'],
  ])('shortens what happened, and keeps the fix: 100,000 %s', (_what, text) => {
    const fix = `Mend it:\n${storeTokenCommand('telegram/dev/bot-token')}`;
    const reason = toReason({ what: `It broke ${text.repeat(100_000)}`, fix });
    expect(reason.startsWith('It broke')).toBe(true);
    expect(reason.endsWith(fix)).toBe(true);
    expect(bytes(reason)).toBeLessThanOrEqual(1020);
  });

  it('keeps some of what happened beside a long fix', () => {
    const fix = `Mend it:\n${storeTokenCommand('x'.repeat(512))}\n${storeTokenCommand('y'.repeat(512))}`;
    const reason = toReason({ what: 'w'.repeat(1000), fix });
    expect(reason).toContain('w'.repeat(190));
    expect(reason).toMatch(/y$/);
  });

  it('fits into a response to CloudFormation in any case', () => {
    const reason = toReason({ what: '"'.repeat(9999), fix: '\ud800'.repeat(9999) });
    const response = {
      Status: 'FAILED',
      Reason: `${reason}\n\nLogs: /aws/lambda/${'x'.repeat(64)}\n`,
      StackId: 'x'.repeat(250),
      RequestId: 'x'.repeat(36),
      PhysicalResourceId: 'AWSCDK::CustomResourceProviderFramework::CREATE_FAILED',
      LogicalResourceId: 'x'.repeat(255),
    };
    expect(Buffer.byteLength(JSON.stringify(response))).toBeLessThan(4096);
  });
});

describe('a command in a reason, copied from the CDK CLI', () => {
  const arn = `arn:aws:secretsmanager:us-east-1:123456789012:secret:telegram/${'long-'.repeat(15)}/bot-token-AbCdEf`;

  it.each([
    ['of a secret with the default name', storeTokenCommand('telegram/prod/bot-token')],
    ['of a secret with an ARN', storeTokenCommand(arn)],
    ['of a secret with the longest name', storeTokenCommand('x'.repeat(512))],
    [
      'that keeps the webhook',
      `aws cloudformation delete-stack --stack-name ${'Stack'.repeat(20)} --retain-resources BotRegistration541C9316`,
    ],
    ['of a rollback', 'cdk rollback TelegramBot-prod'],
  ])('runs as it was meant: %s', (_what, command) => {
    const fix = `Store it, and deploy again. To store it:\n${command}\nThen go on.`;
    const lines = linesInCdkCli(toReason({ what: 'getMe: Telegram refused with 401', fix }));
    const start = lines.findIndex((line) => /^(aws|cdk|npm) /.test(line));
    const end = lines.findIndex((line, index) => index >= start && !line.endsWith('\\'));
    const copied = lines.slice(start, end + 1).join('\n');
    const show = ['aws', 'cdk', 'npm']
      .map((name) => `${name}() { printf "%s\\n" ${name} "$@"; };`)
      .join(' ');
    const ran = execFileSync('sh', ['-c', `${show}\n${copied}`], { encoding: 'utf8' });
    expect(ran.trim().split('\n')).toEqual(command.split(' '));
    expect(lines[end + 1]).toBe('Then go on.');
  });

  it('stands on one line if it fits', () => {
    const command = storeTokenCommand('telegram/prod/bot-token');
    expect(linesInCdkCli(toReason({ what: '', fix: `Store it:\n${command}` }))).toContain(command);
  });

  it('would be broken in the middle of a word if it stood in the text', () => {
    const command = storeTokenCommand('telegram/prod/bot-token');
    expect(linesInCdkCli(`Store it: ${command}`).join('\n')).not.toContain(command);
  });
});
