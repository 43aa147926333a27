import { type MetadataDocument, metadataDocuments } from '@aauth-stack/aauth/tokens';
import { withNetwork } from '../agent/network.ts';
import { hasFault, renderChecks } from '../checks/check.ts';
import { defineCommand } from '../command/command.ts';
import { type ExitCode, exitCodes } from '../command/exit-codes.ts';
import { CommandFailure, usageFailure } from '../command/failure.ts';
import { parseUrl } from '../http/request-input.ts';
import { roleTitle, surveyServer } from '../metadata/survey.ts';

const roleNames: Readonly<Record<string, MetadataDocument>> = {
  agent: metadataDocuments.agentProvider,
  person: metadataDocuments.personServer,
  resource: metadataDocuments.resource,
  access: metadataDocuments.accessServer,
};

/** `aauth metadata` */
export const metadataCommand = defineCommand({
  name: 'metadata',
  summary: 'fetch what a server publishes of itself, with its keys, and say what is wrong with it',
  usage: ['URL [--role agent|person|resource|access]'],
  description: `
Fetches the metadata documents of all roles that the server has, and the key set of each, as another party would: no redirect to another
host, no private address. Says what would keep others from using them, and what is likely to surprise.`,
  options: {
    role: {
      type: 'string',
      value: 'ROLE',
      multiple: true,
      help: 'only this one: agent, person, resource or access; it has to be there',
    },
    raw: { type: 'boolean', help: 'print the documents themselves as well (they are always in --json)' },
  },
  examples: [
    ['aauth metadata https://ps.example', 'every role of a server'],
    ['aauth metadata --role resource --json https://inventory.example', 'one role, for a script'],
  ],
  positionals: [1, 1],
  async run({ values, positionals: [target = ''], context, terminal }): Promise<ExitCode> {
    const url = parseUrl(target);
    const named = Object.values(metadataDocuments).find((dwk) => url.pathname === `/.well-known/${dwk}`);
    const only = values.role?.map(parseRole) ?? (named ? [named] : undefined);
    const roles = await withNetwork(context, (network) => surveyServer(url.origin, only, network));
    if (roles.length === 0) {
      throw new CommandFailure('no_metadata', `${url.origin} publishes no metadata of AAuth in any role.`, {
        exitCode: exitCodes.invalid,
        hint: `A server has at least one of ${Object.values(metadataDocuments).join(', ')} under /.well-known/.`,
      });
    }
    const checks = roles.flatMap((role) => role.checks);
    terminal.result({ server: url.origin, valid: !hasFault(checks), roles }, () =>
      roles
        .map((role) =>
          [
            terminal.paint('bold', `${roleTitle(role.dwk)}  ${role.url}`),
            renderChecks(role.checks, terminal.paint),
            ...(values.raw ? [JSON.stringify(role.metadata, null, 2), JSON.stringify(role.jwks, null, 2)] : []),
          ].join('\n'),
        )
        .join('\n\n'),
    );
    return hasFault(checks) ? exitCodes.invalid : exitCodes.ok;
  },
});

function parseRole(text: string): MetadataDocument {
  const dwk = Object.entries(roleNames).find(([name]) => name === text)?.[1];
  if (dwk) return dwk;
  throw usageFailure(`--role is agent, person, resource or access, not "${text}".`);
}
