import { expect, it } from 'vitest';
import { estimateMs } from './estimate.ts';

const load = { wallMs: 50, cpuMs: 80 };

it('scales the processor time of the invocation, and neither its waiting nor the load', () => {
  const first = { wallMs: 30, cpuMs: 10 };
  expect(estimateMs(load, first, 1769)).toBe(50 + 30);
  expect(estimateMs(load, first, 1769 / 2)).toBe(50 + 20 + 20);
  expect(estimateMs(load, first, 128)).toBeCloseTo(50 + 20 + 138.2, 1);
});

it('takes a single processor for what several threads computed at once', () => {
  expect(estimateMs(load, { wallMs: 10, cpuMs: 15 }, 1769)).toBe(50 + 15);
});

it('is never below what was measured', () => {
  expect(estimateMs(load, { wallMs: 30, cpuMs: 30 }, 10_240)).toBe(50 + 30);
});
