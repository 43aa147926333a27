import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RefusedError, UnreachableError } from '../api/errors.ts';
import { topics } from '../api/events.ts';
import { type ChangeStream, goLive, type LiveState } from './go-live.ts';

/** An event stream whose other end is the test. */
class TestStream implements ChangeStream {
  readonly listeners = new Map<string, (event: MessageEvent) => void>();
  isClosed = false;

  addEventListener(type: string, listener: (event: MessageEvent) => void) {
    this.listeners.set(type, listener);
  }

  send(type: string, data: object) {
    this.listeners.get(type)?.(new MessageEvent(type, { data: JSON.stringify(data) }));
  }

  close() {
    this.isClosed = true;
  }
}

const streams: TestStream[] = [];
const states: LiveState[] = [];
const onChanged = vi.fn();
const onSessionEnded = vi.fn();
const onServerTime = vi.fn();
const pollChanges = vi.fn<() => Promise<number>>();
let stop: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  streams.length = 0;
  states.length = 0;
  vi.clearAllMocks();
  pollChanges.mockResolvedValue(7);
  stop = goLive({
    openStream: () => {
      const stream = new TestStream();
      streams.push(stream);
      return stream;
    },
    pollChanges,
    onChanged,
    onState: (state) => states.push(state),
    onSessionEnded,
    onServerTime,
  });
});
afterEach(() => {
  stop();
  vi.useRealTimers();
});

const stream = () => streams.at(-1) ?? expect.fail('no stream was opened');
const hello = () => stream().send('hello', { server_time: '2026-11-21T19:50:00Z' });
const failStreams = async (times: number) => {
  for (let time = 0; time < times; time++) {
    stream().send('error', {});
    await vi.advanceTimersByTimeAsync(1000);
  }
};

test('reads everything again when the stream begins, then what changes', () => {
  hello();
  expect(states).toEqual(['live']);
  expect(onServerTime).toHaveBeenCalledExactlyOnceWith('2026-11-21T19:50:00Z');
  expect(onChanged).toHaveBeenLastCalledWith(topics);
  stream().send('changed', { topics: ['requests', 'something-of-a-later-version', 'activity'] });
  expect(onChanged).toHaveBeenLastCalledWith(['requests', 'activity']);
});

test('takes a change that it does not understand for a change of everything', () => {
  hello();
  onChanged.mockClear();
  stream().send('changed', {});
  expect(onChanged).toHaveBeenLastCalledWith(topics);
});

test('opens a new stream when one breaks off', async () => {
  hello();
  await failStreams(1);
  expect(streams).toHaveLength(2);
  expect(streams[0]?.isClosed).toBe(true);
  hello();
  expect(states.at(-1)).toBe('live');
});

test('asks every five seconds where no stream can be had, and reads again when the number grew', async () => {
  await failStreams(3);
  expect(streams).toHaveLength(3);
  expect(states.at(-1)).toBe('polling');
  onChanged.mockClear();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(onChanged).not.toHaveBeenCalled();
  pollChanges.mockResolvedValue(8);
  await vi.advanceTimersByTimeAsync(5000);
  expect(onChanged).toHaveBeenCalledExactlyOnceWith(topics);
});

test('takes a stream that breaks off at once, time and again, for none', async () => {
  for (let time = 0; time < 3; time++) {
    hello();
    await failStreams(1);
  }
  expect(streams).toHaveLength(3);
  expect(states.at(-1)).toBe('polling');
});

test('asks where a stream opens and says nothing, as behind a proxy that keeps it back', async () => {
  await vi.advanceTimersByTimeAsync(10_000);
  expect(streams[0]?.isClosed).toBe(true);
  expect(pollChanges).toHaveBeenCalledTimes(1);
});

test('tries a stream once more after a minute of asking', async () => {
  await failStreams(3);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(streams.length).toBeGreaterThan(3);
});

test('is offline while nobody answers, and reads everything again afterwards', async () => {
  hello();
  pollChanges.mockRejectedValue(new UnreachableError('away'));
  await failStreams(1);
  expect(states.at(-1)).toBe('offline');
  onChanged.mockClear();
  pollChanges.mockResolvedValue(7);
  await vi.advanceTimersByTimeAsync(6000);
  expect(onChanged).toHaveBeenCalledWith(topics);
  hello();
  expect(states.at(-1)).toBe('live');
});

test.each([
  new RefusedError('The database is away.', { status: 503, code: 'unavailable' }),
  new RefusedError('Something went wrong.', { status: 500, code: 'server_error' }),
  new RefusedError('Too many requests.', { status: 429, code: 'slow_down' }),
])('goes on trying, ever more seldom but every ten seconds, when all that is answered is: %s', async (error) => {
  hello();
  pollChanges.mockRejectedValue(error);
  await failStreams(1);
  expect(states.at(-1)).toBe('offline');
  await vi.advanceTimersByTimeAsync(60_000);
  // At 0, 1, 3, 7 and 15 seconds, then every ten.
  expect(pollChanges).toHaveBeenCalledTimes(5 + 4);
  expect(streams).toHaveLength(1);
  pollChanges.mockResolvedValue(7);
  await vi.advanceTimersByTimeAsync(11_000);
  expect(streams).toHaveLength(2);
  hello();
  expect(states.at(-1)).toBe('live');
  expect(onChanged).toHaveBeenLastCalledWith(topics);
});

test('ends with the session, whether the stream or a refusal says so', async () => {
  hello();
  stream().send('session-ended', {});
  expect(onSessionEnded).toHaveBeenCalledTimes(1);
  expect(stream().isClosed).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});

test('asks no more once it was told that the session has ended', async () => {
  pollChanges.mockRejectedValue(new RefusedError('Sign in.', { status: 401, code: 'session_required' }));
  await failStreams(1);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(pollChanges).toHaveBeenCalledTimes(1);
  expect(streams).toHaveLength(1);
});

test('leaves nothing running when it is stopped', async () => {
  hello();
  stop();
  expect(stream().isClosed).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});
