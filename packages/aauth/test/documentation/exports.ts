import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const packageFolder = join(import.meta.dirname, '..', '..');

/** Something that the package exports, with the comment that stands before it. */
export interface Exported {
  readonly name: string;
  /** Relative to the package. */
  readonly file: string;
  readonly kind: 'function' | 'class' | 'other';
  /** Without its stars; empty when there is none. */
  readonly comment: string;
  /** Names of a function's parameters; `options` for one that is taken apart on the spot. */
  readonly parameters: readonly string[];
  readonly returnsNothing: boolean;
}

/** Every export of every subpath. */
export function publicExports(): Exported[] {
  const manifest = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'));
  const entries = Object.values<string>(manifest.exports).filter((file) => file.endsWith('.ts'));
  return entries.flatMap((entry) => exportsOf(join(packageFolder, entry)));
}

function exportsOf(file: string): Exported[] {
  const source = readFileSync(file, 'utf8');
  const forwarded = [...source.matchAll(/export (?:type )?\{([^}]*)\} from '([^']+)'/g)].flatMap(
    ([, names = '', from = '']) =>
      names
        .split(',')
        .map((name) => name.replace(/^\s*type\s+/, '').trim())
        .filter((name) => name !== '')
        .map((name) => describe(name, join(dirname(file), from))),
  );
  const own = [
    ...source.matchAll(/^export (?:declare |abstract |async )*(?:function|class|const|interface|type) (\w+)/gm),
  ];
  const names = new Set(own.map(([, name = '']) => name));
  return [...forwarded, ...[...names].map((name) => describe(name, file))];
}

function describe(name: string, file: string): Exported {
  if (!existsSync(file)) throw new Error(`${file} is exported and does not exist.`);
  const source = readFileSync(file, 'utf8');
  const declaration = new RegExp(
    `^export (?:declare |abstract )?(async function|function|class|const|interface|type) ${name}\\b`,
    'm',
  ).exec(source);
  if (!declaration) throw new Error(`${name} is exported, and ${file} does not declare it.`);
  const { index, 1: keyword = '' } = declaration;
  const isFunction = keyword.endsWith('function');
  const signature = isFunction ? readSignature(source, source.indexOf('(', index)) : { parameters: [], result: '' };
  return {
    name,
    file: relative(packageFolder, file),
    kind: isFunction ? 'function' : keyword === 'class' ? 'class' : 'other',
    comment: commentBefore(source, index),
    parameters: signature.parameters,
    returnsNothing: /^(?:Promise<)?(?:void|asserts )/.test(signature.result),
  };
}

function commentBefore(source: string, index: number): string {
  const before = source.slice(0, index).trimEnd();
  if (!before.endsWith('*/')) return '';
  const text = before.slice(before.lastIndexOf('/**'));
  return text
    .replace(/^\s*(?:\/\*\*|\*\/|\* ?)/gm, '')
    .replace(/\*\/$/, '')
    .trim();
}

/** Reads the parameters between the parenthesis at `start` and its counterpart, and the type of the result. */
function readSignature(source: string, start: number): { parameters: string[]; result: string } {
  const parts: string[] = [''];
  let depth = 0;
  let end = start;
  for (; end < source.length; end += 1) {
    const character = source[end] ?? '';
    // The angle of an arrow closes nothing.
    if ('([{<'.includes(character)) depth += 1;
    else if (')]}'.includes(character) || (character === '>' && source[end - 1] !== '=')) depth -= 1;
    if (depth === 0) break;
    if (depth === 1 && character === ',') parts.push('');
    else parts.push(`${parts.pop()}${character}`);
  }
  const parameters = parts
    .map((part) => part.replace(/^\(/, '').trim())
    .filter((part) => part !== '')
    .map((part) => (part.startsWith('{') ? 'options' : (/^(?:\.\.\.)?(\w+)/.exec(part)?.[1] ?? part)));
  return { parameters, result: /^\)\s*:\s*([^;]*)/.exec(source.slice(end, end + 200))?.[1]?.trim() ?? '' };
}
