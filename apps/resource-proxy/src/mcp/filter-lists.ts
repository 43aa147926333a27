import { Transform, type TransformCallback } from 'node:stream';
import type { ItemPolicy } from './item-policy.ts';
import type { McpItem } from './messages.ts';

const lists = [
  { member: 'tools', kind: 'tool', key: 'name' },
  { member: 'prompts', kind: 'prompt', key: 'name' },
  { member: 'resources', kind: 'resource', key: 'uri' },
  { member: 'resourceTemplates', kind: 'resource', key: 'uriTemplate' },
] as const;

/** A list that is longer could not be filtered, and is not passed on. */
const maxMessageBytes = 16 * 1024 * 1024;

/** Takes out of a JSON-RPC message, or a batch, what its receiver may not use. Undefined: there is nothing to take out. */
export function filterMessage(text: string, target: string, policy: ItemPolicy): string | undefined {
  const value: unknown = JSON.parse(text);
  let changed = false;
  for (const message of [value].flat()) {
    const result: Record<string, unknown> = Object(Object(message).result);
    for (const { member, kind, key } of lists) {
      const listed = result[member];
      if (!Array.isArray(listed)) continue;
      const shown = listed.filter((entry) => policy.mayList(target, itemOf(kind, Object(entry)[key])));
      changed ||= shown.length < listed.length;
      result[member] = shown;
    }
  }
  return changed ? JSON.stringify(value) : undefined;
}

function itemOf(kind: McpItem['kind'], name: unknown): McpItem {
  return { kind, name: String(name) };
}

/** Filters a JSON body, which is read whole. */
export function filterJson(target: string, policy: ItemPolicy): Transform {
  const pieces: Uint8Array[] = [];
  let size = 0;
  return new Transform({
    transform(piece: Uint8Array, _encoding, done) {
      pieces.push(piece);
      size += piece.length;
      done(size > maxMessageBytes ? tooLong() : null);
    },
    flush(done) {
      const text = Buffer.concat(pieces).toString();
      attempt(done, () => filterMessage(text, target, policy) ?? text);
    },
  });
}

/** Filters an event stream, event by event; whatever is not a message passes as it is. */
export function filterEvents(target: string, policy: ItemPolicy): Transform {
  const decoder = new TextDecoder();
  let rest = '';
  const filterEvent = (event: string): string => {
    // Not by `$`, for which U+2028 ends a line, too: a JSON text may have one.
    const lines = event.split(/\r\n|\r|\n/).filter((line) => line !== '');
    const told = lines.filter((line) => line.startsWith('data:'));
    const data = told.map((line) => line.slice('data:'.length).replace(/^ /, '')).join('\n');
    if (!data) return event;
    const filtered = filterMessage(data, target, policy);
    if (filtered === undefined) return event;
    const others = lines.filter((line) => !line.startsWith('data:'));
    return `${[...others, `data: ${filtered}`].join('\n')}\n\n`;
  };
  return new Transform({
    transform(piece: Uint8Array, _encoding, done) {
      rest += decoder.decode(piece, { stream: true });
      if (rest.length > maxMessageBytes) return done(tooLong());
      attempt(done, () => {
        // An event ends with an empty line; the line ends may be of any kind.
        const parts = rest.split(/(?<=\r\n\r\n|\n\n|\r\r)/);
        const last = parts.at(-1) ?? '';
        const isComplete = /(?:\r\n\r\n|\n\n|\r\r)$/.test(last);
        rest = isComplete ? '' : last;
        return (isComplete ? parts : parts.slice(0, -1)).map(filterEvent).join('');
      });
    },
    flush(done) {
      // An event that was not ended is none, and what cannot be read in full is not passed on.
      done();
    },
  });
}

function attempt(done: TransformCallback, work: () => string): void {
  try {
    const text = work();
    done(null, text === '' ? undefined : Buffer.from(text));
  } catch (error) {
    done(error instanceof Error ? error : new Error(String(error)));
  }
}

function tooLong(): Error {
  return new Error(`A message of an MCP server has more than ${maxMessageBytes} bytes.`);
}
