import type { Paint } from '../terminal/terminal.ts';
import type { Command, CommandSpec, OptionSpecs } from './command.ts';
import { exitCodeMeanings } from './exit-codes.ts';

/** What `aauth COMMAND --help` shows. */
export function commandHelp<Options extends OptionSpecs>(
  spec: CommandSpec<Options>,
  common: OptionSpecs,
  paint: Paint,
): string {
  const { name, summary, usage, description, options, examples } = spec;
  return [
    `${paint('bold', `aauth ${name}`)}: ${summary}`,
    section(
      paint,
      'Usage',
      usage.map((form) => `aauth ${name} ${form}`.trimEnd()),
    ),
    description.trim(),
    ...(Object.keys(options).length > 0 ? [section(paint, 'Options', optionLines(options))] : []),
    section(paint, 'Options of every command', optionLines(common)),
    section(
      paint,
      'Examples',
      examples.flatMap(([command, meaning]) => [paint('dim', `# ${meaning}`), command]),
    ),
    section(paint, 'Exit codes', exitCodeLines()),
  ].join('\n\n');
}

/** What `aauth --help` shows. */
export function overviewHelp(commands: readonly Command[], paint: Paint): string {
  return [
    `${paint('bold', 'aauth')}: be an AAuth agent in a shell, and look at every step.`,
    section(paint, 'Usage', ['aauth COMMAND [options]', 'aauth COMMAND --help', 'aauth --version']),
    section(paint, 'Commands', columns(commands.map(({ name, summary }) => [name, summary]))),
    section(paint, 'Start here', [
      'aauth init --provider https://agents.example    # get a name; a person approves it once',
      'aauth fetch https://inventory.example/stock     # call what AAuth protects',
      'aauth fetch --explain https://…                 # and see every step of it',
    ]),
    section(paint, 'Files', [
      '$XDG_CONFIG_HOME/aauth (default ~/.config/aauth): profiles, each with its stable key',
      '$XDG_STATE_HOME/aauth (default ~/.local/state/aauth): tokens of the moment; may be deleted',
      'Folders have mode 0700 and files 0600; what others may read is refused.',
    ]),
    section(paint, 'Environment', [
      ...columns([
        ['AAUTH_PROFILE', 'the profile to use where --profile does not say'],
        ['AAUTH_ALLOW_LOOPBACK', '0: refuse http and ports on loopback names (default: 1, unless NODE_ENV=production)'],
        ['AAUTH_LOCALHOST_DNS', '1: ask DNS for *.localhost too, as inside compose'],
        ['AAUTH_DEBUG', '1: show where an error came from'],
        ['NO_COLOR', 'anything: no colours'],
      ]),
    ]),
    section(paint, 'Exit codes', exitCodeLines()),
  ].join('\n\n');
}

function section(paint: Paint, title: string, lines: readonly string[]): string {
  return [paint('bold', `${title}:`), ...lines.map((line) => `  ${line}`)].join('\n');
}

function optionLines(options: OptionSpecs): string[] {
  return columns(
    Object.entries(options).map(([name, { short, value, help, multiple }]) => [
      `${short ? `-${short}, ` : '    '}--${name}${value ? ` ${value}` : ''}`,
      `${help}${multiple ? ' (may be repeated)' : ''}`,
    ]),
  );
}

function exitCodeLines(): string[] {
  return columns(exitCodeMeanings.map(([code, meaning]) => [String(code), meaning]));
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `${left.padEnd(width)}  ${right}`);
}
