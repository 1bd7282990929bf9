import { describe, expect, it } from 'vitest';
import { CTRL_C, CTRL_D, hasTerminal, openTerminal } from './terminal-run.ts';

const CLEAR_LINE = '\r\x1b[K';

describe.skipIf(!hasTerminal)('npm start in a terminal', () => {
  it('shows a deploy in one line that never wraps, and destroys at Ctrl-C', async () => {
    const terminal = openTerminal();
    await terminal.shows('you: ');
    terminal.type(CTRL_C);
    expect(await terminal.ended()).toEqual({ exitCode: 0, left: [] });
    const states = terminal
      .shown()
      .split(CLEAR_LINE)
      .flatMap((text) => text.split('\n')[0] ?? [])
      .filter((text) => /^(Deploy|Destroy)ing /.test(text));
    expect(states.length).toBeGreaterThan(20);
    for (const state of states) expect(state.trimEnd().length).toBeLessThan(50);
    expect(terminal.shown()).toMatch(/Deployed TelegramBot-dev in \d+\.\d s/);
    expect(terminal.shown()).not.toContain('CREATE_COMPLETE');
  });

  it('shows every resource with --verbose', async () => {
    const terminal = openTerminal('--verbose');
    await terminal.shows('CREATE_COMPLETE');
    await terminal.shows('you: ');
    terminal.type(':quit\r');
    await terminal.shows('DELETE_COMPLETE');
    expect(await terminal.ended()).toEqual({ exitCode: 0, left: [] });
  });

  it('shows the prompt again below each answer, and takes commands in between', async () => {
    const terminal = openTerminal('-c', 'entry=test/bots/throws-on-request.ts');
    await terminal.shows('you: ');
    terminal.type('hello\r');
    await terminal.shows('@sandbox_bot: hello');
    await terminal.shows('you: ');
    terminal.type('throw\r');
    await terminal.shows(':retry delivers it now');
    await terminal.shows('failed again (2nd attempt)');
    await terminal.shows('you: ');
    terminal.type('behind\r');
    await terminal.shows('“behind” waits behind “throw”');
    terminal.type(':drop\r');
    await terminal.shows('@sandbox_bot: behind');
    terminal.type(CTRL_D);
    expect(await terminal.ended()).toEqual({ exitCode: 0, left: [] });
  });

  it.each(['Synthesizing', ', Custom::'])(
    'leaves nothing behind after Ctrl-C while it shows “%s”',
    async (moment) => {
      const terminal = openTerminal();
      await terminal.shows(moment);
      terminal.type(CTRL_C);
      expect(await terminal.ended()).toEqual({ exitCode: 130, left: [] });
      expect(terminal.shown()).toContain('Interrupted: cleaning up.');
    },
  );

  it('leaves nothing behind after Ctrl-C during the destroy', async () => {
    const terminal = openTerminal();
    await terminal.shows('you: ');
    terminal.type(CTRL_C);
    await terminal.shows('Destroying');
    terminal.type(CTRL_C);
    expect(await terminal.ended()).toEqual({ exitCode: 130, left: [] });
  });

  it('shows why a deploy has failed', async () => {
    const terminal = openTerminal('-c', 'entry=test/bots/crashes-on-load.ts');
    await terminal.shows('CREATE_FAILED Custom::TelegramWebhook');
    await terminal.shows('Rolling back');
    await terminal.shows('could not be deployed, for the reason shown above.');
    expect(await terminal.ended()).toEqual({ exitCode: 1, left: [] });
  });
});
