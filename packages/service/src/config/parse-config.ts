import type { z } from 'zod';
import { ConfigError, type ConfigProblem } from './config-error.ts';
import { maskValue } from './mask.ts';
import { valueFromFile } from './value-files.ts';

/** A set of environment variables, for instance `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface ParseConfigOptions {
  /** Former names that are still accepted: old name → name in the schema. */
  aliases?: Readonly<Record<string, string>>;
  /** Told once for each former name that is set. */
  warn?: (message: string) => void;
}

/**
 * Reads the variables that `schema` names from an environment. A variable set to nothing counts as not set, as
 * `NAME=` in a compose file means; in its place `NAME_FILE` may name a file with the value. Variables the schema does
 * not name are ignored.
 *
 * @throws ConfigError naming every wrong variable, its value (secrets masked) and what is expected
 */
export function parseConfig<Schema extends z.ZodObject>(
  schema: Schema,
  environment: Environment,
  { aliases = {}, warn = () => {} }: ParseConfigOptions = {},
): z.output<Schema> {
  const values: Record<string, string> = {};
  const sources = new Map<string, string>();
  for (const name of Object.keys(schema.shape)) {
    const value = environment[name] || (ownFile(name, schema) ? undefined : valueFromFile(name, environment));
    if (value) values[name] = value;
  }
  for (const [oldName, name] of Object.entries(aliases)) {
    const value = environment[oldName];
    if (!value) continue;
    if (environment[name]) {
      warn(`${oldName} is a former name of ${name}; it is ignored because ${name} is set.`);
    } else {
      warn(`${oldName} is a former name of ${name}; please use ${name}.`);
      values[name] = value;
      sources.set(name, oldName);
    }
  }
  const result = schema.safeParse(values);
  if (result.success) return result.data;
  throw new ConfigError(result.error.issues.map((issue) => problemOf(issue, values, sources)));
}

/** Whether the schema itself has a variable of that name. */
function ownFile(name: string, schema: z.ZodObject): boolean {
  return Object.hasOwn(schema.shape, `${name}_FILE`);
}

function problemOf(
  issue: z.core.$ZodIssue,
  values: Readonly<Record<string, string>>,
  sources: ReadonlyMap<string, string>,
): ConfigProblem {
  const name = String(issue.path[0] ?? 'configuration');
  const value = values[name];
  return {
    variable: sources.get(name) ?? name,
    value: value === undefined ? undefined : maskValue(name, value),
    expected: expectation(issue),
  };
}

function expectation(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_value') return `one of ${issue.values.map(String).join(', ')}`;
  return issue.message.replace(/^Invalid input: expected (\w+).*$/, 'a $1');
}
