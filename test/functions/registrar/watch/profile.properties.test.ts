import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { DeclaredProfile } from '../../../../functions/contract.ts';
import { handle } from '../fakes.ts';
import { ProfileModel } from '../profile/profile-model.ts';
import { type Chosen, choice, declare, eventOf, photo, SLOTS } from '../profile/scenario.ts';
import { check, makeDeployed } from './fixtures.ts';

const RATIONED = [
  'setMyName',
  'setMyDescription',
  'setMyCommands',
  'setChatMenuButton',
  'setMyDefaultAdministratorRights',
  'setMyProfilePhoto',
];
const HOUR = 3_600_000;

const deploys = fc.array(fc.record({ chosen: choice, photo, rationed: fc.subarray(RATIONED) }), {
  minLength: 1,
  maxLength: 3,
});

/** Whether a slot shows what it would show if it were not set. */
function isHidden(model: ProfileModel, kind: string, where: object): boolean {
  const own = model.raw(kind, where as never);
  if (own === undefined) return true;
  const fallback = typeof own === 'string' ? model.read(kind, {}) : { type: 'commands' };
  return JSON.stringify(own) === JSON.stringify(fallback);
}

it('completes what Telegram has postponed, with one write for each slot', async () => {
  await fc.assert(
    fc.asyncProperty(deploys, async (given) => {
      const bot = makeDeployed();
      const model = new ProfileModel(bot.clock);
      bot.telegram.call = model.call;
      const getObject = async (url: string) =>
        new Uint8Array(Buffer.from(url.split('/').pop() ?? ''));
      Object.assign(bot.services, { getObject });
      let before: DeclaredProfile | undefined;
      let previous: Chosen = [];
      for (const { chosen, photo, rationed } of given) {
        for (const method of rationed) model.ration(method, 3000);
        const after = declare(chosen, photo);
        const { Data } = await handle(bot, eventOf(before, after));
        const { Unfinished = '' } = (Data ?? {}) as { Unfinished?: string };
        bot.clock.time += HOUR;
        const event = { Profile: { ...after, Unfinished } };
        await check(bot, event);
        bot.clock.time += HOUR;
        const { profile } = await check(bot, event);
        expect(profile).toEqual({ differences: [] });
        expect(model.photo).toBe(photo ?? '');
        SLOTS.forEach(({ kind, where, values }, index) => {
          const [now, then] = [chosen[index], previous[index]];
          const isGone = now === undefined && then !== undefined && kind !== 'rights';
          if (isGone)
            expect([kind, where, isHidden(model, kind, where)]).toEqual([kind, where, true]);
          if (now === undefined || kind === 'rights') return;
          expect([kind, where, model.read(kind, where)]).toEqual([kind, where, values[now]]);
        });
        model.writes.length = 0;
        await check(bot, event);
        expect(model.writes).toEqual([]);
        before = after;
        previous = chosen;
      }
    }),
    { numRuns: 200 },
  );
});
