import type { Random } from './random.ts';

/** What a parser may trip over, whatever its language. */
const oddWords = [
  ...[
    '',
    '\0',
    '\t',
    '\n',
    '\r\n',
    ' ',
    '"',
    "'",
    '\\',
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    '<',
    '>',
    ',',
    ';',
    ':',
    '=',
    '?',
    '*',
    '%',
  ],
  ...['\u007f', '\u0080', '\u00ff', '\u202e', '\u{1f600}', '\ud800', '\udc00', '\ufeff', '\u2028', 'é', 'ſ', 'İ'],
  ...[
    '0',
    '-1',
    '1e999',
    '9007199254740993',
    '-0',
    '0x10',
    'null',
    'true',
    '__proto__',
    'constructor',
    'toString',
    '%00',
    '%2e',
    '%2F',
  ],
  ...[
    '..',
    '//',
    '/./',
    '@',
    '#',
    '&a',
    '*a',
    '<<',
    '\\u0000',
    '\\ud800',
    'data:',
    'http://[::1]',
    '127.1',
    '::ffff:1',
  ],
];

/** The words that texts are made of, in the way that most languages of the web cut them. */
export function wordsOf(texts: readonly string[]): string[] {
  return [...new Set(texts.flatMap((text) => text.match(/[\w-]{2,40}|[^\w\s]{1,3}/g) ?? []))];
}

export interface Mutator {
  /** A text that is like another one, with parts of a third where that helps. */
  mutate(text: string, other: string): string;
}

export function createMutator(random: Random, words: readonly string[], maxLength: number): Mutator {
  const known: [string, ...string[]] = ['', ...words];
  const odd: [string, ...string[]] = ['', ...oddWords];
  const at = (text: string) => random.below(text.length + 1);
  const cut = (text: string) => {
    const start = at(text);
    return text.slice(start, start + 1 + random.below(random.below(4) === 0 ? 64 : 8));
  };
  const replace = (text: string, start: number, length: number, by: string) =>
    text.slice(0, start) + by + text.slice(start + length);
  const changes: [(text: string, other: string) => string, ...((text: string, other: string) => string)[]] = [
    (text) => replace(text, at(text), 0, random.pick(known)),
    (text) => replace(text, at(text), random.below(8), random.pick(known)),
    (text) => replace(text, at(text), random.below(2), random.pick(odd)),
    (text) => replace(text, at(text), 1 + random.below(8), ''),
    (text) => replace(text, at(text), 1, String.fromCharCode(random.below(256))),
    (text) => replace(text, at(text), 1, String.fromCharCode(random.below(0x10000))),
    (text) => {
      const start = at(text);
      return replace(text, start, 1, String.fromCharCode((text.charCodeAt(start) || 0) ^ (1 << random.below(8))));
    },
    (text) => replace(text, at(text), 0, cut(text)),
    (text) => replace(text, at(text), 0, cut(text).repeat(1 + random.below(16))),
    (text, other) => replace(text, at(text), random.below(8), cut(other)),
    (text, other) => text.slice(0, at(text)) + other.slice(at(other)),
  ];
  return {
    mutate(text, other) {
      let changed = text;
      for (let times = 1 + random.below(random.below(4) === 0 ? 8 : 3); times > 0; times -= 1) {
        changed = random.pick(changes)(changed, other);
      }
      return changed.slice(0, maxLength);
    },
  };
}
