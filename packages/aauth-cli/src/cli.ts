import { readFile } from 'node:fs/promises';
import type { Command } from './command/command.ts';
import { reportFailure } from './command/command.ts';
import type { Context } from './command/context.ts';
import { type ExitCode, exitCodes } from './command/exit-codes.ts';
import { usageFailure } from './command/failure.ts';
import { overviewHelp } from './command/help.ts';
import { doctorCommand } from './commands/doctor.ts';
import { fetchCommand } from './commands/fetch.ts';
import { initCommand } from './commands/init.ts';
import { inspectCommand } from './commands/inspect.ts';
import { keysCommand } from './commands/keys.ts';
import { mcpBridgeCommand } from './commands/mcp-bridge.ts';
import { metadataCommand } from './commands/metadata.ts';
import { profilesCommand } from './commands/profiles.ts';
import { signCommand } from './commands/sign.ts';
import { verifyCommand } from './commands/verify.ts';
import { whoamiCommand } from './commands/whoami.ts';
import { createTerminal } from './terminal/terminal.ts';

const commands: readonly Command[] = [
  initCommand,
  fetchCommand,
  signCommand,
  verifyCommand,
  inspectCommand,
  metadataCommand,
  doctorCommand,
  mcpBridgeCommand,
  whoamiCommand,
  keysCommand,
  profilesCommand,
];

/** Runs one command line; never throws. */
export async function runCli(args: readonly string[], context: Context): Promise<ExitCode> {
  const [name, ...rest] = args;
  const terminal = createTerminal(context, { json: args.includes('--json'), 'no-color': args.includes('--no-color') });
  const command = commands.find((each) => each.name === name);
  if (command) return command.execute(rest, context);
  if (name === 'help' || name === '--help' || name === '-h') {
    const about = commands.find((each) => each.name === rest[0]);
    if (about) return about.execute(['--help'], context);
    terminal.print(overviewHelp(commands, terminal.paint));
    return exitCodes.ok;
  }
  if (name === '--version' || name === '-V') {
    terminal.print(await version());
    return exitCodes.ok;
  }
  if (name === undefined) {
    terminal.tell(overviewHelp(commands, terminal.paintNote));
    return exitCodes.usage;
  }
  const similar = commands.find((each) => each.name.startsWith(name[0] ?? '') && !name.startsWith('-'))?.name;
  const hint = `There are: ${commands.map((each) => each.name).join(', ')}.${similar ? ` Did you mean "${similar}"?` : ''}`;
  return reportFailure(usageFailure(`"${name}" is not a command of aauth.`, hint), terminal, context);
}

async function version(): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? `${manifest.version}` : 'unknown';
}
