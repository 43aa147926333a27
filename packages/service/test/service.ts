/** A service of the test: BEHAVIOUR says how it starts and stops; it prints what it does. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Hono } from 'hono';
import { z } from 'zod';
import { envPort, parseConfig } from '../src/config/index.ts';
import { type HttpServer, healthRoutes, serve } from '../src/http/index.ts';
import { createLogger } from '../src/logger.ts';
import { runService, StartupError } from '../src/main.ts';

const say = (line: string) => process.stdout.write(`${line}\n`);
const hour = 3_600_000;

let server: HttpServer | undefined;

const starts: Record<string, () => Promise<unknown>> = {
  serving: async () => {
    const app = new Hono().route('/', healthRoutes({})).get('/', (c) => c.text('hello'));
    const log = createLogger({ name: 'test-service', level: 'info' });
    server = await serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0, log });
  },
  config: async () => parseConfig(z.object({ PORT: envPort(), API_TOKEN: z.string().max(3) }), process.env),
  database: async () => (await import('./notes-database.ts')).openNotes(process.env.DATABASE_URL ?? ''),
  startup: () => Promise.reject(new StartupError('the key file is missing')),
  broken: () => Promise.reject(new Error('unforeseen')),
};

const stops: Record<string, () => Promise<unknown> | undefined> = {
  serving: () => server?.close(),
  endless: () => sleep(hour),
  failing: () => Promise.reject(new Error('could not close')),
};

const behaviour = process.env.BEHAVIOUR ?? '';

await runService(
  'test-service',
  async () => {
    await starts[behaviour]?.();
    const work = setInterval(() => {}, hour);
    say('started');
    return {
      async close() {
        say('closing');
        await stops[behaviour]?.();
        clearInterval(work);
        say('closed');
      },
    };
  },
  { stopMs: behaviour === 'endless' && process.env.STOP_MS ? Number(process.env.STOP_MS) : 10_000 },
);
