import { abortable } from './signer.ts';

/** What a shared operation is run with. */
export interface Flight<Event> {
  /** Aborted as soon as nobody waits any more. */
  readonly signal: AbortSignal;
  /** Tells everybody who waits. */
  readonly emit: (event: Event) => void;
}

/** Somebody who waits for a shared operation. */
interface Passenger<Event> {
  readonly signal: AbortSignal;
  /** Gets every event, those from before the passenger came included, in the passenger's own asynchronous context. */
  readonly emit: (event: Event) => void;
}

/** Operations that concurrent callers share, by name. */
export interface Flights<Event, Result> {
  /**
   * Joins the operation under way for `key`, or starts it. A passenger that is aborted leaves alone; the last one to leave aborts
   * the operation, with the reason it has itself. Nothing is kept of an operation that has settled.
   */
  join(key: string, passenger: Passenger<Event>, run: (flight: Flight<Event>) => Promise<Result>): Promise<Result>;
}

interface Course<Event, Result> {
  readonly events: Event[];
  readonly result: Promise<Result>;
  readonly calling: AbortController;
  passengers: number;
  isOver: boolean;
  news: PromiseWithResolvers<void>;
}

export function createFlights<Event, Result>(): Flights<Event, Result> {
  const courses = new Map<string, Course<Event, Result>>();

  function depart(key: string, run: (flight: Flight<Event>) => Promise<Result>): Course<Event, Result> {
    const calling = new AbortController();
    const landed = Promise.withResolvers<Result>();
    // Passengers who have left do not hear of it.
    landed.promise.catch(() => {});
    const course: Course<Event, Result> = {
      events: [],
      result: landed.promise,
      calling,
      passengers: 0,
      isOver: false,
      news: Promise.withResolvers(),
    };
    courses.set(key, course);
    const emit = (event: Event): void => {
      course.events.push(event);
      announce(course);
    };
    const end = (): void => {
      course.isOver = true;
      if (courses.get(key) === course) courses.delete(key);
      announce(course);
    };
    run({ signal: calling.signal, emit }).then(landed.resolve, landed.reject).finally(end);
    return course;
  }

  return {
    async join(key, { signal, emit }, run) {
      signal.throwIfAborted();
      const course = courses.get(key) ?? depart(key, run);
      course.passengers += 1;
      try {
        for (let told = 0; ; ) {
          const news = course.events.slice(told);
          told += news.length;
          news.forEach(emit);
          if (course.isOver) return await course.result;
          await abortable(course.news.promise, signal);
        }
      } finally {
        course.passengers -= 1;
        if (course.passengers === 0 && !course.isOver) {
          courses.delete(key);
          const nobodyWaits = new DOMException('Nobody waits for this any more.', 'AbortError');
          course.calling.abort(signal.aborted ? signal.reason : nobodyWaits);
        }
      }
    },
  };
}

function announce(course: { news: PromiseWithResolvers<void> }): void {
  course.news.resolve();
  course.news = Promise.withResolvers();
}
