import { readFileSync } from 'node:fs';
import type { Environment } from '@aauth-stack/service/config';
import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import { ConfigFileError, type ConfigFileProblem } from './config-file-error.ts';
import { expand, UnsetVariableError } from './expand.ts';

type KeyPath = readonly (string | number)[];

/** A YAML file after expansion of its variables, able to say where in the file a key stands. */
export interface YamlFile {
  readonly file: string;
  readonly value: unknown;
  problem(path: KeyPath, reason: string): ConfigFileProblem;
}

/**
 * Reads a YAML file and expands `${VAR:-default}` in its strings.
 *
 * @throws ConfigFileError when it cannot be read, is not YAML, or names a variable that is not set
 */
export function readYamlFile(file: string, environment: Environment): YamlFile {
  const lines = new LineCounter();
  const document = parseDocument(readText(file), { lineCounter: lines });
  if (document.errors.length > 0) {
    throw new ConfigFileError(
      document.errors.map(({ message, linePos }) => ({
        file,
        line: linePos?.[0].line,
        key: '',
        reason: `not valid YAML: ${message.split('\n')[0]}`,
      })),
    );
  }
  const problem = (path: KeyPath, reason: string): ConfigFileProblem => ({
    file,
    line: lineOf(document, lines, path),
    key: formatPath(path),
    reason,
  });
  const problems: ConfigFileProblem[] = [];
  const value = mapStrings(plainValue(document, file), [], (text, path) => {
    try {
      return expand(text, environment);
    } catch (error) {
      if (!(error instanceof UnsetVariableError)) throw error;
      problems.push(problem(path, error.message));
      return text;
    }
  });
  if (problems.length > 0) throw new ConfigFileError(problems);
  return { file, value, problem };
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new ConfigFileError([
      { file, key: '', reason: reason === 'ENOENT' ? 'there is no such file' : `cannot be read (${reason})` },
    ]);
  }
}

function plainValue(document: Document, file: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    // Aliases that multiply.
    throw new ConfigFileError([{ file, key: '', reason: error instanceof Error ? error.message : String(error) }]);
  }
}

/** `['binds', 0, 'port']` as `binds[0].port`. */
function formatPath(path: KeyPath): string {
  return path.map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`)).join('');
}

/** The line of the key, or of the nearest parent that is in the file. */
function lineOf(document: Document, lines: LineCounter, path: KeyPath): number | undefined {
  for (let length = path.length; length >= 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return undefined;
}

function mapStrings(value: unknown, path: KeyPath, map: (text: string, path: KeyPath) => string): unknown {
  if (typeof value === 'string') return map(value, path);
  if (Array.isArray(value)) return value.map((item, index) => mapStrings(item, [...path, index], map));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapStrings(item, [...path, key], map)]));
}
