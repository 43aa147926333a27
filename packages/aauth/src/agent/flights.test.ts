import { describe, expect, it } from 'vitest';
import { createFlights, type Flight } from './flights.ts';

const ignore = () => undefined;
const passenger = (emit: (event: string) => void = ignore, signal = new AbortController().signal) => ({ emit, signal });

/** An operation that the test drives. */
function createOperation() {
  const outcome = Promise.withResolvers<string>();
  const flights: Flight<string>[] = [];
  const run = (flight: Flight<string>) => {
    flights.push(flight);
    return outcome.promise;
  };
  return { ...outcome, run, flights };
}

describe('a flight', () => {
  it('is one for all who join, and its events reach them all, the late ones too', async () => {
    const flights = createFlights<string, string>();
    const { run, flights: started, resolve } = createOperation();
    const heard: Record<string, string[]> = { early: [], late: [] };
    const early = flights.join(
      'a',
      passenger((event) => heard.early?.push(event)),
      run,
    );
    started[0]?.emit('one');
    started[0]?.emit('two');
    const late = flights.join(
      'a',
      passenger((event) => heard.late?.push(event)),
      run,
    );
    started[0]?.emit('three');
    resolve('there');
    expect(await Promise.all([early, late])).toEqual(['there', 'there']);
    expect(started).toHaveLength(1);
    expect(heard).toEqual({ early: ['one', 'two', 'three'], late: ['one', 'two', 'three'] });
  });

  it('is another one for another key, and after it has landed', async () => {
    const flights = createFlights<string, string>();
    const { run, flights: started, resolve } = createOperation();
    resolve('there');
    await Promise.all([flights.join('a', passenger(), run), flights.join('b', passenger(), run)]);
    await flights.join('a', passenger(), run);
    expect(started).toHaveLength(3);
  });

  it('fails for all who joined, and is forgotten', async () => {
    const flights = createFlights<string, string>();
    const { run, reject } = createOperation();
    const joined = [flights.join('a', passenger(), run), flights.join('a', passenger(), run)];
    reject(new TypeError('No engine.'));
    for (const { status } of await Promise.allSettled(joined)) expect(status).toBe('rejected');
    expect(await flights.join('a', passenger(), async () => 'there')).toBe('there');
  });

  it('goes on while anybody waits, and is called off when nobody does', async () => {
    const flights = createFlights<string, string>();
    const { run, flights: started } = createOperation();
    const [first, second] = [new AbortController(), new AbortController()];
    const joined = [first, second].map(({ signal }) => flights.join('a', passenger(ignore, signal), run));
    first.abort();
    await expect(joined[0]).rejects.toMatchObject({ name: 'AbortError' });
    expect(started[0]?.signal.aborted).toBe(false);
    second.abort();
    await expect(joined[1]).rejects.toMatchObject({ name: 'AbortError' });
    expect(started[0]?.signal.aborted).toBe(true);
    expect(await flights.join('a', passenger(), async () => 'there')).toBe('there');
  });

  it('that was called off and lands late leaves its successor alone', async () => {
    const flights = createFlights<string, string>();
    const [old, next] = [createOperation(), createOperation()];
    const leaving = new AbortController();
    const left = flights.join('a', passenger(ignore, leaving.signal), old.run);
    leaving.abort();
    await expect(left).rejects.toMatchObject({ name: 'AbortError' });
    const joined = [flights.join('a', passenger(), next.run)];
    old.reject(new TypeError('Too late.'));
    await new Promise((resolve) => setImmediate(resolve));
    joined.push(flights.join('a', passenger(), next.run));
    next.resolve('there');
    expect(await Promise.all(joined)).toEqual(['there', 'there']);
    expect(next.flights).toHaveLength(1);
  });

  it('is left by a passenger whose event handler fails, and by nobody else', async () => {
    const flights = createFlights<string, string>();
    const { run, flights: started, resolve } = createOperation();
    const failing = flights.join(
      'a',
      passenger(() => {
        throw new TypeError('Cannot listen.');
      }),
      run,
    );
    const other = flights.join('a', passenger(), run);
    started[0]?.emit('one');
    await expect(failing).rejects.toThrow('Cannot listen.');
    resolve('there');
    expect(await other).toBe('there');
  });

  it('takes no passenger who has left already', async () => {
    const { run, flights: started } = createOperation();
    const flights = createFlights<string, string>();
    await expect(flights.join('a', passenger(ignore, AbortSignal.abort()), run)).rejects.toThrow();
    expect(started).toEqual([]);
  });
});
