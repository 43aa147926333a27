import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createPatience } from './patience.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => vi.useRealTimers());

it('runs out after its time, and says so', () => {
  const { signal } = createPatience(1000);
  vi.advanceTimersByTime(999);
  expect(signal.aborted).toBe(false);
  vi.advanceTimersByTime(1);
  expect(signal.reason).toMatchObject({ name: 'TimeoutError', message: 'Nothing came of it in 1 s.' });
});

it('does not run while it is paused, however often that is said', () => {
  const { signal, pause, resume } = createPatience(1000);
  vi.advanceTimersByTime(600);
  pause();
  vi.advanceTimersByTime(3_600_000);
  pause();
  resume();
  vi.advanceTimersByTime(200);
  resume();
  vi.advanceTimersByTime(199);
  expect(signal.aborted).toBe(false);
  vi.advanceTimersByTime(1);
  expect(signal.aborted).toBe(true);
});
