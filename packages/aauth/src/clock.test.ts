import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock, systemSleep } from './clock.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: 1_790_000_000_500 });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('systemClock', () => {
  it('counts seconds, with fractions', () => {
    expect(systemClock()).toBe(1_790_000_000.5);
  });
});

describe('systemSleep', () => {
  it('wakes after that many seconds, and leaves its signal alone', async () => {
    const controller = new AbortController();
    const woken = vi.fn();
    const sleeping = systemSleep(2, controller.signal).then(woken);
    await vi.advanceTimersByTimeAsync(1999);
    expect(woken).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    await sleeping;
    controller.abort();
    expect(woken).toHaveBeenCalledOnce();
  });

  it('rejects with the reason of its signal, and leaves no timer', async () => {
    const controller = new AbortController();
    const sleeping = systemSleep(60, controller.signal);
    controller.abort('enough');
    await expect(sleeping).rejects.toBe('enough');
    await expect(systemSleep(60, controller.signal)).rejects.toBe('enough');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not take a month for no time at all', async () => {
    const woken = vi.fn();
    const controller = new AbortController();
    systemSleep(30 * 24 * 3600, controller.signal).then(woken, () => {});
    await vi.advanceTimersByTimeAsync(24 * 3600 * 1000);
    expect(woken).not.toHaveBeenCalled();
    controller.abort();
  });
});
