import { act, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ClockProvider } from './clock.tsx';
import { Lifetime } from './lifetime.tsx';
import { RelativeTime } from './relative-time.tsx';

const start = Date.parse('2026-11-21T19:50:00Z');

beforeEach(() => {
  vi.useFakeTimers({ now: start });
});
afterEach(() => {
  vi.useRealTimers();
});

test('a time keeps itself current and holds the exact moment', () => {
  render(<RelativeTime at="2026-11-21T19:49:48Z" />);
  const time = screen.getByText('12 s ago');
  expect(time.getAttribute('datetime')).toBe('2026-11-21T19:49:48Z');
  expect(time.title).toMatch(/21 Nov 2026/);
  act(() => vi.advanceTimersByTime(50_000));
  expect(time.textContent).toBe('1 min ago');
});

test('times are told by the clock of the server where there is one', () => {
  render(
    <ClockProvider now={() => Date.now() + 60_000}>
      <RelativeTime at="2026-11-21T20:00:00Z" />
    </ClockProvider>,
  );
  expect(screen.getByText('in 9 min')).toBeDefined();
});

test('a lifetime drains, and is empty when it is over', () => {
  const { container } = render(<Lifetime from="2026-11-21T19:40:00Z" until="2026-11-21T20:00:00Z" />);
  const left = () => container.querySelectorAll('rect')[1]?.getAttribute('width');
  expect(left()).toBe('50');
  act(() => vi.advanceTimersByTime(300_000));
  expect(left()).toBe('25');
  act(() => vi.advanceTimersByTime(600_000));
  expect(left()).toBe('0');
});

test('no timer runs for a page without times', () => {
  const { unmount } = render(<RelativeTime at="2026-11-21T19:49:48Z" />);
  expect(vi.getTimerCount()).toBe(1);
  unmount();
  expect(vi.getTimerCount()).toBe(0);
});
