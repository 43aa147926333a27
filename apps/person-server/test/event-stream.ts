import { expect } from 'vitest';
import type { Deployment } from './deployment.ts';

interface ServerEvent {
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What a page is told of changes. */
export interface EventStream {
  readonly status: number;
  readonly headers: Headers;
  readonly events: readonly ServerEvent[];
  /** How many signs of life came between the events. */
  readonly comments: number;
  /** Resolves when the server has ended the stream. */
  readonly ended: Promise<void>;
  /** Waits for an event. */
  next(event: string): Promise<ServerEvent>;
  /** Topics told since the stream was opened. */
  topics(): Set<unknown>;
  close(): void;
}

/** Opens `GET /ui/events` as the page of a signed-in browser does, and reads it until it ends. */
export async function openEvents(deployment: Deployment, headers: Record<string, string>): Promise<EventStream> {
  const closing = new AbortController();
  const response = await deployment.request('/ui/events', { headers, signal: closing.signal });
  const events: ServerEvent[] = [];
  let comments = 0;
  const read = async () => {
    let text = '';
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk;
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        if (block.startsWith(':')) comments += 1;
        else events.push(parse(block));
      }
    }
  };
  const ended = response.status === 200 ? read().catch(() => {}) : Promise.resolve();
  return {
    status: response.status,
    headers: response.headers,
    events,
    get comments() {
      return comments;
    },
    ended,
    next: async (event) => {
      await expect.poll(() => events.map((one) => one.event)).toContain(event);
      const found = events.find((one) => one.event === event);
      if (!found) throw new Error('The event was there a moment ago.');
      return found;
    },
    topics: () => new Set(events.flatMap(({ data }) => (Array.isArray(data.topics) ? data.topics : []))),
    close: () => closing.abort(),
  };
}

function parse(block: string): ServerEvent {
  const fields = new Map(
    block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
  );
  return { event: fields.get('event') ?? '', data: JSON.parse(fields.get('data') ?? 'null') };
}
