import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import {
  ConfigError,
  envBoolean,
  envDatabaseUrl,
  envList,
  envLogLevel,
  envPort,
  envSeconds,
  envUrl,
  parseConfig,
  serverEnv,
} from './index.ts';

const schema = z.object({
  ...serverEnv(8765),
  DATABASE_URL: envDatabaseUrl(),
  PERSON_SERVER_URL: envUrl()
    .default('http://person-server.localhost:8765')
    .describe('Identifier of the Person Server'),
  AAUTH_ALLOW_LOOPBACK: envBoolean().default(false),
  TOKEN_LIFETIME: envSeconds({ max: 86_400 }).default(3600),
  CORS_ORIGINS: envList().optional(),
  MODE: z.enum(['mode1', 'mode3']).default('mode1'),
  PORTAL_TOKEN: z
    .string({ error: 'a text of 8 characters or more' })
    .min(8, 'a text of 8 characters or more')
    .optional(),
});

const DATABASE_URL = 'postgres://service:secret@db:5432/person_server';

function problemsOf(environment: Record<string, string>) {
  try {
    parseConfig(schema, { DATABASE_URL, ...environment });
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('The configuration was accepted.');
}

describe('parseConfig', () => {
  test('reads what the schema names, with defaults, and ignores everything else', () => {
    expect(
      parseConfig(schema, { DATABASE_URL, PORT: ' 80 ', CORS_ORIGINS: 'http://a, ,http://b', HOME: '/x' }),
    ).toEqual({
      HOST: '127.0.0.1',
      PORT: 80,
      LOG_LEVEL: 'info',
      DATABASE_URL,
      PERSON_SERVER_URL: 'http://person-server.localhost:8765',
      AAUTH_ALLOW_LOOPBACK: false,
      TOKEN_LIFETIME: 3600,
      CORS_ORIGINS: ['http://a', 'http://b'],
      MODE: 'mode1',
      STOP_DELAY: 0,
      STOP_TIMEOUT: 5,
    });
  });

  test('takes a variable that is set to nothing as not set', () => {
    expect(parseConfig(schema, { DATABASE_URL, PORT: '', PORTAL_TOKEN: '' })).toMatchObject({ PORT: 8765 });
    expect(problemsOf({ DATABASE_URL: '' }).message).toBe(
      'DATABASE_URL is not set: a PostgreSQL URL such as postgres://user:password@host:5432/database is expected',
    );
  });

  test('reads a value from the file that NAME_FILE names, unless NAME is set', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'aauth-config-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    const file = join(directory, 'database-url');
    await writeFile(file, `${DATABASE_URL}\n`);
    expect(parseConfig(schema, { DATABASE_URL_FILE: file })).toMatchObject({ DATABASE_URL });
    const other = 'postgres://other@db/other';
    expect(parseConfig(schema, { DATABASE_URL: other, DATABASE_URL_FILE: file })).toMatchObject({
      DATABASE_URL: other,
    });
  });

  test('names the file of a value that cannot be read', () => {
    expect(problemsOf({ PORTAL_TOKEN_FILE: '/nowhere/token' }).message).toBe(
      'PORTAL_TOKEN_FILE="/nowhere/token" is wrong: a file that can be read, with the value of PORTAL_TOKEN, is expected',
    );
  });

  test('names every wrong variable, its value and what is expected, on one line', () => {
    const error = problemsOf({ PORT: 'eighty', MODE: 'mode2', PERSON_SERVER_URL: 'person', LOG_LEVEL: 'loud' });
    expect(error.message.split('; ')).toEqual([
      'PORT="eighty" is wrong: a port number from 0 to 65535 is expected',
      'LOG_LEVEL="loud" is wrong: one of trace, debug, info, warn, error, fatal, silent is expected',
      'PERSON_SERVER_URL="person" is wrong: an absolute URL (http://… or https://…) is expected',
      'MODE="mode2" is wrong: one of mode1, mode3 is expected',
    ]);
    expect(error.message).not.toContain('\n');
  });

  test('never shows a secret', () => {
    const error = problemsOf({ PORTAL_TOKEN: 'short', DATABASE_URL: 'mysql://root:hunter2@db/x' });
    expect(error.problems).toEqual([
      {
        variable: 'DATABASE_URL',
        value: 'mysql://root:***@db/x',
        expected: 'a PostgreSQL URL such as postgres://user:password@host:5432/database',
      },
      { variable: 'PORTAL_TOKEN', value: '***', expected: 'a text of 8 characters or more' },
    ]);
  });

  test('accepts a former name with one warning, and names it when its value is wrong', () => {
    const warn = vi.fn();
    const aliases = { SUPPLY_CHAIN_AGENT_PORT: 'PORT' };
    expect(parseConfig(schema, { DATABASE_URL, SUPPLY_CHAIN_AGENT_PORT: '9999' }, { aliases, warn }).PORT).toBe(9999);
    expect(warn).toHaveBeenCalledExactlyOnceWith('SUPPLY_CHAIN_AGENT_PORT is a former name of PORT; please use PORT.');
    expect(() => parseConfig(schema, { DATABASE_URL, SUPPLY_CHAIN_AGENT_PORT: 'x' }, { aliases })).toThrow(
      'SUPPLY_CHAIN_AGENT_PORT="x" is wrong: a port number',
    );
  });

  test('prefers the present name, and says that the former one is ignored', () => {
    const warn = vi.fn();
    const environment = { DATABASE_URL, OLD_PORT: '1', PORT: '2' };
    expect(parseConfig(schema, environment, { aliases: { OLD_PORT: 'PORT' }, warn }).PORT).toBe(2);
    expect(warn).toHaveBeenCalledExactlyOnceWith(
      'OLD_PORT is a former name of PORT; it is ignored because PORT is set.',
    );
  });
});

test('ports, booleans and durations accept exactly their texts', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.integer({ max: 100_000 }).map(String), fc.mixedCase(fc.constant('yes'))),
      (text) => {
        const port = envPort().safeParse(text);
        expect(port.success).toBe(/^\d{1,15}$/.test(text.trim()) && Number(text) <= 65_535);
        expect(envSeconds({ min: 1, max: 65_535 }).safeParse(text).success).toBe(port.success && port.data > 0);
        expect(envBoolean().safeParse(text).success).toBe(/^(1|0|true|false|yes|no|on|off)$/i.test(text.trim()));
      },
    ),
  );
  for (const text of ['65536', '-1', '1.5', '0x10', '1e3']) expect(envPort().safeParse(text).success).toBe(false);
  for (const text of ['constructor', '__proto__']) expect(envBoolean().safeParse(text).success).toBe(false);
  expect(envBoolean().parse('TRUE')).toBe(true);
  expect(envLogLevel().parse('INFO')).toBe('info');
  expect(envLogLevel().parse('WARNING')).toBe('warn');
});
