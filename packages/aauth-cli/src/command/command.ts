import { parseArgs } from 'node:util';
import { createTerminal, type Terminal } from '../terminal/terminal.ts';
import type { Context } from './context.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { showFailure, usageFailure } from './failure.ts';
import { commandHelp } from './help.ts';

/** An option of a command, for parsing and for `--help`. */
interface OptionSpec {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  readonly multiple?: boolean;
  /** What stands for its value in `--help`. */
  readonly value?: string;
  readonly help: string;
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** Options that every command has. */
const commonOptions = {
  profile: { type: 'string', value: 'NAME', help: 'the agent to be (default: AAUTH_PROFILE, else the one chosen)' },
  json: { type: 'boolean', help: 'print the result, and what went wrong, as one JSON document' },
  quiet: { type: 'boolean', short: 'q', help: 'say nothing but the result and what went wrong' },
  'no-color': { type: 'boolean', help: 'no colours, as with NO_COLOR; there are none outside a terminal either' },
  help: { type: 'boolean', short: 'h', help: 'show this' },
} as const satisfies OptionSpecs;

type Config<Options extends OptionSpecs> = {
  readonly options: Options & typeof commonOptions;
  readonly strict: true;
  readonly allowPositionals: true;
};

/** What a command is run with. */
interface Invocation<Options extends OptionSpecs> {
  readonly values: ReturnType<typeof parseArgs<Config<Options>>>['values'];
  readonly positionals: readonly string[];
  readonly context: Context;
  readonly terminal: Terminal;
}

/** A command as it is described. */
export interface CommandSpec<Options extends OptionSpecs = OptionSpecs> {
  readonly name: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  /** What follows the name; several where there are several forms. */
  readonly usage: readonly string[];
  /** Paragraphs. */
  readonly description: string;
  readonly options: Options;
  readonly examples: readonly (readonly [command: string, meaning: string])[];
  /** Its positional arguments: how few and how many. */
  readonly positionals: readonly [least: number, most: number];
  readonly run: (invocation: Invocation<Options>) => Promise<ExitCode | undefined>;
}

/** A command that can be run. */
export interface Command extends Pick<CommandSpec, 'name' | 'summary'> {
  readonly execute: (args: readonly string[], context: Context) => Promise<ExitCode>;
}

/** Makes a command of its description: it parses, shows help, reports failures, and never throws. */
export function defineCommand<const Options extends OptionSpecs>(spec: CommandSpec<Options>): Command {
  const { name, summary } = spec;
  return {
    name,
    summary,
    async execute(args, context) {
      // What cannot be parsed may still have said how it wants to be told.
      let terminal = createTerminal(context, {
        json: args.includes('--json'),
        'no-color': args.includes('--no-color'),
      });
      try {
        const { values, positionals } = parse(spec, args);
        if (args.includes('--help') || args.includes('-h')) {
          terminal.print(commandHelp(spec, commonOptions, terminal.paint));
          return exitCodes.ok;
        }
        terminal = createTerminal(context, values);
        checkPositionals(spec, positionals);
        return (await spec.run({ values, positionals, context, terminal })) ?? exitCodes.ok;
      } catch (error) {
        return reportFailure(error, terminal, context);
      }
    },
  };
}

/** Says what went wrong, and with which exit code the command ends. */
export function reportFailure(error: unknown, terminal: Terminal, context: Context): ExitCode {
  const shown = showFailure(context.signal.aborted ? context.signal.reason : error);
  if (terminal.json) terminal.print(JSON.stringify(shown, null, 2));
  else {
    terminal.tell(`${terminal.paintNote('red', 'error:')} ${shown.detail}`);
    if (shown.hint) terminal.tell(shown.hint);
  }
  if (context.env.AAUTH_DEBUG && error instanceof Error) terminal.tell(`${error.stack}`);
  return shown.exit_code;
}

function parse<Options extends OptionSpecs>(spec: CommandSpec<Options>, args: readonly string[]) {
  const config: Config<Options> = {
    options: { ...spec.options, ...commonOptions },
    strict: true,
    allowPositionals: true,
  };
  try {
    return parseArgs({ ...config, args });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw usageFailure(reason, `Run "aauth ${spec.name} --help" to see what it takes.`);
  }
}

function checkPositionals(
  { name, usage, positionals: [least, most] }: Pick<CommandSpec, 'name' | 'usage' | 'positionals'>,
  given: readonly string[],
): void {
  if (given.length >= least && given.length <= most) return;
  const what = given.length < least ? 'misses an argument' : `does not take "${given[most]}"`;
  throw usageFailure(
    `aauth ${name} ${what}.`,
    `Usage: aauth ${name} ${usage.join(` | aauth ${name} `)}. See "aauth ${name} --help".`,
  );
}
