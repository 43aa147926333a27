import type { Writable } from 'node:stream';
import { styleText } from 'node:util';
import type { Context } from '../command/context.ts';

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** Gives text a style, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string;

/** Where a command says what it has to say: results on standard output, everything else on standard error. */
export interface Terminal {
  /** Whether the result is one JSON document on standard output. */
  readonly json: boolean;
  /** For what goes to standard output. */
  readonly paint: Paint;
  /** For what goes to standard error. */
  readonly paintNote: Paint;
  /** A line on standard output. */
  print(text: string): void;
  /** The result: the document with `--json`, else the text that `text` makes. */
  result(document: unknown, text: () => string): void;
  /** A line about what happens, on standard error; not with `--quiet`. */
  note(text: string): void;
  /** A line that has to be seen even with `--quiet`, on standard error. */
  tell(text: string): void;
  /** The same, as a warning. */
  warn(text: string): void;
}

export interface TerminalOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly 'no-color'?: boolean;
}

/** Colours are for terminals, unless `NO_COLOR` (no-color.org), `TERM=dumb` or `--no-color` says otherwise. */
export function createTerminal(
  context: Pick<Context, 'env' | 'stdout' | 'stderr'>,
  options: TerminalOptions,
): Terminal {
  const { env, stdout, stderr } = context;
  const isPlain = options['no-color'] === true || Boolean(env.NO_COLOR) || env.TERM === 'dumb';
  const paintFor =
    (stream: { readonly isTTY?: boolean }): Paint =>
    (style, text) =>
      stream.isTTY && !isPlain ? styleText(style, text, { validateStream: false }) : text;
  const json = options.json === true;
  const paintNote = paintFor(stderr);
  return {
    json,
    paint: json ? (_style, text) => text : paintFor(stdout),
    paintNote,
    print: (text) => writeLine(stdout, text),
    result: (document, text) => writeLine(stdout, json ? JSON.stringify(document, null, 2) : text()),
    note(text) {
      if (!options.quiet) writeLine(stderr, text);
    },
    tell: (text) => writeLine(stderr, text),
    warn: (text) => writeLine(stderr, `${paintNote('yellow', 'warning:')} ${text}`),
  };
}

function writeLine(stream: Writable, text: string): void {
  if (text !== '') stream.write(printable(text.endsWith('\n') ? text : `${text}\n`));
}

// Much of what is shown was written by servers. Beside our colours, nothing of it may steer a terminal.
const colour = /\p{Cc}\[\d{1,2}m/gu;
const steering = /[^\P{C}\n\t\r]|\r(?!\n)/gu;

/** Text in which nothing steers a terminal: neither control characters nor changes of direction. */
function printable(text: string): string {
  const colours = text.match(colour) ?? [];
  const rest = text.split(colour).map((part) => part.replace(steering, '\ufffd'));
  return rest.map((part, index) => `${part}${colours[index] ?? ''}`).join('');
}
