import { z } from 'zod';
import { ConfigFileError } from './config-file-error.ts';
import type { YamlFile } from './yaml-file.ts';

/** An object that admits no key beside those of `shape`; the error for another one proposes the nearest known key. */
export function closedObject<Shape extends z.ZodRawShape>(shape: Shape) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== 'unrecognized_keys') return undefined;
      return issue.keys.map((key: string) => unknownKey(key, known)).join('; ');
    },
  });
}

/** A key of the published schema that has no effect here. Its presence is reported, its content is not looked at. */
export const withoutEffect = () => z.unknown().optional();

/** A TCP port, also as the text that expansion of a variable leaves. */
export const portNumber = z
  .union(
    [
      z.number(),
      z
        .string()
        .regex(/^\d{1,5}$/)
        .transform(Number),
    ],
    { error: 'a port number is expected' },
  )
  .refine((port) => Number.isInteger(port) && port >= 0 && port <= 65_535, {
    error: 'a port number from 0 to 65535 is expected',
  });

const durationUnits: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600 };

/** A duration such as `60s`, `5m` or `1m30s`, in seconds. */
export const duration = z.string({ error: 'a duration such as 60s is expected' }).transform((text, context) => {
  if (!/^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/.test(text)) {
    context.addIssue({ code: 'custom', message: `"${text}" is not a duration such as 60s, 5m or 500ms` });
    return z.NEVER;
  }
  return [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)].reduce(
    (total, [, amount, unit = 's']) => total + Number(amount) * (durationUnits[unit] ?? 1),
    0,
  );
});

/** `host:port` or `:port`. */
export const address = z.string({ error: 'an address such as :8081 is expected' }).transform((text, context) => {
  const [, host, port] = /^([A-Za-z0-9.-]*|\[[0-9a-f:]+\]):(\d{1,5})$/.exec(text) ?? [];
  if (port === undefined || Number(port) > 65_535) {
    context.addIssue({ code: 'custom', message: `"${text}" is not an address such as :8081 or 127.0.0.1:8081` });
    return z.NEVER;
  }
  return { host: host || undefined, port: Number(port) };
});

/**
 * Checks a file against a schema.
 *
 * @throws ConfigFileError naming every key that is wrong
 */
export function parseFile<Schema extends z.ZodType>(source: YamlFile, schema: Schema): z.output<Schema> {
  const result = schema.safeParse(source.value);
  if (result.success) return result.data;
  throw new ConfigFileError(
    result.error.issues.map((issue) => {
      const path = issue.path.filter((part) => typeof part !== 'symbol');
      const problem = source.problem(path, issue.message);
      // Such an issue is about the object; what people look for is the line of the key.
      const [unknown] = issue.code === 'unrecognized_keys' ? issue.keys : [];
      return unknown === undefined ? problem : { ...problem, line: source.problem([...path, unknown], '').line };
    }),
  );
}

function unknownKey(key: string, known: readonly string[]): string {
  const [nearest] = known
    .map((candidate) => ({ candidate, distance: editDistance(key.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  return nearest && nearest.distance <= Math.max(2, key.length / 3)
    ? `unknown key "${key}"; did you mean "${nearest.candidate}"?`
    : `unknown key "${key}"; known here: ${known.join(', ')}`;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, substitution));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
