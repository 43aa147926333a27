import { globSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { peerEnv, serverEnv } from '@aauth-stack/service/config';
import { z } from 'zod';
import * as agentProvider from '../../../../apps/agent-provider/src/config.ts';
import * as backend from '../../../../apps/backend/src/config.ts';
import * as inventoryMcp from '../../../../apps/inventory-mcp/src/config.ts';
import * as marketAnalysisAgent from '../../../../apps/market-analysis-agent/src/config.ts';
import * as personServer from '../../../../apps/person-server/src/config.ts';
import * as resourceProxy from '../../../../apps/resource-proxy/src/config.ts';
import * as supplyChainAgent from '../../../../apps/supply-chain-agent/src/config.ts';
import * as supplyChainUi from '../../../../apps/supply-chain-ui/src/config.ts';
import { root } from '../../root.ts';
import { createBlocks, type GuideRun } from '../guide-run.ts';
import { formatTable } from '../markdown-table.ts';

/** What every service reads, from the schemas by which they read it. */
export const configuration: GuideRun = {
  name: 'configuration',
  async record() {
    const { add, blocks } = createBlocks((text) => text);
    add('every-service', variables(common));
    for (const [service, { shape }] of Object.entries(schemas)) add(service, variables(withoutCommon(shape)));
    add('gateway-files', variablesOfGatewayFiles());
    add('former-names', formerNames());
    return blocks;
  },
};

const policy = { allowLoopback: true };

const schemas = {
  'person-server': personServer.schema(policy),
  'agent-provider': agentProvider.schema(policy),
  'resource-proxy': resourceProxy.schema(policy),
  backend: backend.schema(policy),
  'supply-chain-agent': supplyChainAgent.schema(policy),
  'market-analysis-agent': marketAnalysisAgent.schema(policy),
  'inventory-mcp': inventoryMcp.schema(policy),
  'supply-chain-ui': supplyChainUi.schema,
};

const { PORT: _, ...ofServers } = serverEnv(0);
const common = { ...ofServers, ...peerEnv() };

function withoutCommon(shape: Readonly<Record<string, z.ZodType>>): Record<string, z.ZodType> {
  return Object.fromEntries(Object.entries(shape).filter(([name]) => !Object.hasOwn(common, name)));
}

function variables(shape: Readonly<Record<string, z.ZodType>>): string {
  const rows = Object.entries(shape).map(([name, schema]) => [
    `\`${name}\``,
    defaultOf(schema),
    `${descriptionOf(name, schema)}${formOf(schema)}`,
  ]);
  return formatTable(['variable', 'default', 'meaning'], rows);
}

/** The default as it would stand in the environment. */
function defaultOf(schema: z.ZodType): string {
  const result = schema.safeParse(undefined);
  if (!result.success) return '**required**';
  const value = result.data;
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return '–';
  if (typeof value === 'boolean') return value ? '`1`' : '`0`';
  const text = Array.isArray(value) ? value.join(',') : String(value);
  return `\`${text.startsWith(root) ? relative(root, text) : text}\``;
}

function descriptionOf(name: string, schema: z.ZodType): string {
  const description = schema.description ?? inner(schema)?.description;
  if (!description) throw new Error(`${name} is not described in its schema.`);
  return description;
}

/** What the meaning does not say: the choices, or the bounds. */
function formOf(schema: z.ZodType): string {
  const wanted = innermost(schema);
  if (wanted instanceof z.ZodEnum) return `: ${wanted.options.map((option) => `\`${option}\``).join(', ')}`;
  const [issue] = wanted.safeParse(undefined).error?.issues ?? [];
  const [, unit, min, max] = bounds.exec(issue?.message ?? '') ?? [];
  if (max === undefined || Number(max) >= unlimited) return unit ? ' (seconds)' : '';
  return ` (${min}–${max}${unit ? ' s' : ''})`;
}

const bounds = /^a whole number (of seconds )?from (\d+) to (\d+)$/;
/** Bounds from here on say nothing: a year of seconds is the largest that any variable takes. */
const unlimited = 31_536_000;

function inner(schema: z.ZodType): z.ZodType | undefined {
  const wraps = schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault;
  const wrapped = wraps ? schema.unwrap() : undefined;
  return wrapped instanceof z.ZodType ? wrapped : undefined;
}

function innermost(schema: z.ZodType): z.ZodType {
  const wrapped = inner(schema);
  return wrapped ? innermost(wrapped) : schema;
}

/** Variables that the files of the modes expand, with their defaults there. */
function variablesOfGatewayFiles(): string {
  const files = globSync('infra/gateway/*.yaml', { cwd: root }).sort();
  const found = new Map<string, Set<string>>();
  for (const file of files) {
    const text = readFileSync(join(root, file), 'utf8').replaceAll(/^\s*#.*$/gm, '');
    for (const [, name = '', value = ''] of text.matchAll(/\$\{(\w+)(?::-([^}]*))?\}/g)) {
      found.set(name, (found.get(name) ?? new Set()).add(value));
    }
  }
  const rows = [...found].sort(([a], [b]) => a.localeCompare(b));
  return formatTable(
    ['variable', 'default'],
    rows.map(([name, values]) => [`\`${name}\``, [...values].map((value) => `\`${value}\``).join(', ')]),
  );
}

function formerNames(): string {
  const aliases = [personServer, agentProvider, backend, supplyChainAgent, marketAnalysisAgent, supplyChainUi].map(
    (app) => app.aliases,
  );
  const names = new Map(aliases.flatMap((ofService) => Object.entries(ofService)));
  const rows = [...names].sort(([a], [b]) => a.localeCompare(b));
  return formatTable(
    ['known demo', 'here'],
    rows.map(([old, name]) => [`\`${old}\``, `\`${name}\``]),
  );
}
