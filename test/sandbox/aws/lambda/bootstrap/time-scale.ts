import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers';
import timersPromises from 'node:timers/promises';

/**
 * Makes time pass for the function as fast as it does in the sandbox, if that is not real time: the
 * date, every timer and every timeout. `SANDBOX_CLOCK` holds `<start> <speed>`.
 */
export function scaleTime(): void {
  const clock = process.env.SANDBOX_CLOCK;
  if (clock === undefined) return;
  delete process.env.SANDBOX_CLOCK;
  const [start = 0, speed = 1] = clock.split(' ').map(Number);

  const realNow = Date.now;
  const now = () => Math.floor(start + (realNow() - start) * speed);
  // A property, so that `skipWaits` can put it forward.
  Date.now = now;
  globalThis.Date = new Proxy(Date, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length > 0 ? args : [now()], newTarget),
  });

  const faster = <F extends (...args: never[]) => unknown>(timer: F, delayAt: number): F =>
    new Proxy(timer, {
      apply: (target, self, args) =>
        Reflect.apply(
          target,
          self,
          // AbortSignal.timeout accepts only whole milliseconds.
          args.map((arg, index) => (index === delayAt ? Math.ceil(Number(arg) / speed) : arg)),
        ),
    });
  timers.setTimeout = globalThis.setTimeout = faster(setTimeout, 1);
  timers.setInterval = globalThis.setInterval = faster(setInterval, 1);
  timersPromises.setTimeout = faster(timersPromises.setTimeout, 0);
  AbortSignal.timeout = faster(AbortSignal.timeout, 0);
  syncBuiltinESMExports();
}
