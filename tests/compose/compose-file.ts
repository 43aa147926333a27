import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { root } from '../support/commands.ts';

const variable = /\$\{(\w+)(?::-([^}]*))?\}/g;

const dependency = z.strictObject({
  condition: z.enum(['service_started', 'service_healthy', 'service_completed_successfully']),
});

const healthcheck = z.strictObject({
  test: z.array(z.string()),
  interval: z.string(),
  timeout: z.string().optional(),
  retries: z.int().optional(),
  start_period: z.string().optional(),
  start_interval: z.string().optional(),
});

const network = z.strictObject({ aliases: z.array(z.string()).default([]) });

/** The keys of the Compose specification that the file uses; any other is a mistake until it is added here. */
const service = z
  .strictObject({
    image: z.string(),
    labels: z.record(z.string(), z.string()).optional(),
    profiles: z.array(z.string()).optional(),
    build: z
      .strictObject({ context: z.literal('.'), dockerfile: z.string(), args: z.record(z.string(), z.string()) })
      .optional(),
    command: z.array(z.string()).optional(),
    entrypoint: z.array(z.string()).optional(),
    user: z.string().optional(),
    restart: z.enum(['no', 'unless-stopped', 'on-failure']),
    read_only: z.literal(true).optional(),
    tmpfs: z.array(z.string()).optional(),
    cap_drop: z.tuple([z.literal('ALL')]).optional(),
    security_opt: z.array(z.string()),
    mem_limit: z.string().regex(/^\d+m$/),
    shm_size: z.string().optional(),
    stop_grace_period: z.string().optional(),
    stop_signal: z.string().optional(),
    logging: z.strictObject({ driver: z.string(), options: z.record(z.string(), z.string()) }),
    environment: z.record(z.string(), z.string()).default({}),
    volumes: z.array(z.string()).default([]),
    ports: z.array(z.string().regex(/^127\.0\.0\.1:\d+:\d+$/, 'bound to this machine')).default([]),
    network_mode: z.literal('none').optional(),
    networks: z
      .union([
        z.array(z.string()).transform((names) => Object.fromEntries(names.map((name) => [name, network.parse({})]))),
        z.record(z.string(), network),
      ])
      .default({}),
    healthcheck: healthcheck.optional(),
    depends_on: z.record(z.string(), dependency).default({}),
  })
  .refine(
    ({ image, read_only }) => read_only || image.includes('/keycloak:'),
    'read-only, but for Keycloak, which makes its files anew at each start',
  );

export type Service = z.infer<typeof service>;

const file = z.strictObject({
  name: z.string(),
  services: z.record(z.string(), service),
  networks: z.record(z.string(), z.strictObject({ internal: z.boolean().default(false) })),
  volumes: z.record(z.string(), z.strictObject({})),
});

export type ComposeFile = z.infer<typeof file>;

const textOf = (name: string) => readFileSync(join(root, name), 'utf8');

/** docker-compose.yml with its variables expanded: from `environment`, else with their defaults. */
export function readComposeFile(environment: Readonly<Record<string, string>> = {}): ComposeFile {
  const document: Record<string, unknown> = parse(textOf('docker-compose.yml'), { merge: true });
  const used = Object.entries(document).filter(([key]) => !key.startsWith('x-'));
  return file.parse(expanded(Object.fromEntries(used), environment));
}

/** Compose expands the values of a parsed file, not its text. */
function expanded(value: unknown, environment: Readonly<Record<string, string>>): unknown {
  if (typeof value === 'string') {
    return value.replaceAll(variable, (_, name: string, fallback = '') => environment[name] || fallback);
  }
  if (Array.isArray(value)) return value.map((item) => expanded(item, environment));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, expanded(item, environment)]));
}

/** The variables that docker-compose.yml expands, with the default that each has there. */
export function variablesOf(): Map<string, string> {
  const uses = textOf('docker-compose.yml').matchAll(variable);
  return new Map([...uses].map(([, name = '', fallback = '']) => [name, fallback]));
}

/** The variables of .env.example. */
export function readEnvExample(): Map<string, string> {
  const lines = textOf('.env.example').split('\n');
  return new Map(lines.filter((line) => /^\w+=/.test(line)).map((line) => splitAtFirst(line, '=')));
}

function splitAtFirst(text: string, separator: string): [string, string] {
  const index = text.indexOf(separator);
  return [text.slice(0, index), text.slice(index + 1)];
}
