import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RefusedError, UnreachableError } from '../api/errors.ts';
import type { StreamEvent } from '../api/event-stream.ts';
import type { Progress } from '../api/runs.ts';
import { type Following, followRun } from './follow-run.ts';

const progress = (change: Partial<Progress> = {}): Progress => ({
  request_id: '6ab8d2a2-4a6c-4a08-8e33-0d6e5b1f0d11',
  status: 'running',
  progress_percentage: 25,
  current_step: 'Working',
  error: null,
  error_code: null,
  interaction_url: null,
  interaction_code: null,
  waiting_until: null,
  prompt: null,
  created_at: '2026-11-21T22:00:00Z',
  completed_at: null,
  ...change,
});

const told: Progress[] = [];
const states: Following[] = [];
const read = vi.fn<() => Promise<Progress>>();
let streams: Array<() => AsyncIterable<StreamEvent>> = [];
let opened = 0;
let stop: () => void;

async function* stream(...events: Array<Partial<Progress>>): AsyncGenerator<StreamEvent> {
  for (const change of events) yield { event: 'progress', data: JSON.stringify(progress(change)) };
}

async function* noStream(): AsyncGenerator<StreamEvent> {
  yield* [];
  throw new UnreachableError('no stream');
}

function follow(...wanted: Array<() => AsyncIterable<StreamEvent>>) {
  streams = wanted;
  stop = followRun({
    events: () => (streams[opened++] ?? noStream)(),
    read: () => read(),
    onProgress: (one) => told.push(one),
    onState: (state) => states.push(state),
  });
}

beforeEach(() => {
  vi.useFakeTimers();
  told.length = 0;
  states.length = 0;
  opened = 0;
  read.mockReset().mockResolvedValue(progress());
});
afterEach(() => {
  stop();
  vi.useRealTimers();
});

const steps = () => told.map((one) => one.current_step);

test('tells what the stream tells, and is done when the run is', async () => {
  follow(() => stream({ current_step: 'One' }, { current_step: 'Two' }, { status: 'completed', current_step: 'Done' }));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(steps()).toEqual(['One', 'Two', 'Done']);
  expect(states).toEqual(['live']);
  expect([opened, read.mock.calls.length]).toEqual([1, 0]);
});

test('asks for what it may have missed when a stream breaks off, and opens another', async () => {
  read.mockResolvedValue(progress({ current_step: 'Meanwhile' }));
  follow(
    () => stream({ current_step: 'One' }),
    () => stream({ status: 'failed', current_step: 'Failed' }),
  );
  await vi.advanceTimersByTimeAsync(1000);
  expect(steps()).toEqual(['One', 'Meanwhile', 'Failed']);
});

test('takes an event that it does not understand for a broken stream', async () => {
  async function* strange(): AsyncGenerator<StreamEvent> {
    yield { event: 'something-new', data: 'x' };
    yield { event: 'progress', data: '{"status":"of a later version"}' };
  }
  follow(strange);
  await vi.advanceTimersByTimeAsync(10);
  expect(steps()).toEqual(['Working']);
});

test('asks every two seconds where no stream can be had, and tries one now and then', async () => {
  follow();
  await vi.advanceTimersByTimeAsync(2100);
  expect(opened).toBe(3);
  const asked = read.mock.calls.length;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(read.mock.calls.length).toBe(asked + 5);
  expect(states.at(-1)).toBe('polling');
  streams = [];
  await vi.advanceTimersByTimeAsync(30_000);
  expect(opened).toBeGreaterThan(3);
});

test('goes on trying while nobody answers, and recovers', async () => {
  read.mockRejectedValue(new UnreachableError('away'));
  follow();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(states.at(-1)).toBe('offline');
  read.mockResolvedValue(progress({ status: 'completed' }));
  await vi.advanceTimersByTimeAsync(2000);
  expect(told.at(-1)?.status).toBe('completed');
});

test('ends when the run is refused, or when it is told to', async () => {
  read.mockRejectedValue(new RefusedError('gone', { status: 404, code: 'not_found' }));
  follow();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(read).toHaveBeenCalledTimes(1);

  read.mockReset().mockResolvedValue(progress());
  opened = 0;
  follow();
  await vi.advanceTimersByTimeAsync(5000);
  stop();
  const asked = read.mock.calls.length;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(read.mock.calls.length).toBe(asked);
  expect(vi.getTimerCount()).toBe(0);
});
