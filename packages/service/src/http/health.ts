import { Hono } from 'hono';
import { stopping } from '../stopping.ts';

/** Resolves when all is well; throws an error whose message says what is missing. */
export type HealthCheck = () => Promise<void> | void;

export interface HealthChecks {
  /** The process and its storage: what start order waits on. */
  healthz?: Readonly<Record<string, HealthCheck>>;
  /** Whatever else the service needs to do its work: what the first run waits on. */
  readyz?: Readonly<Record<string, HealthCheck>>;
}

const timeoutMs = 2_000;

/** Whether a path is a health endpoint, which is neither logged nor traced. */
export function isHealthPath(path: string): boolean {
  return path === '/healthz' || path === '/readyz';
}

/**
 * `/healthz` and `/readyz`: 200 or 503 with `{ status, checks }`, each check `ok` or the reason it fails. A service is
 * ready only when it is healthy too, and no longer once it has been asked to end.
 */
export function healthRoutes({ healthz = {}, readyz = {} }: HealthChecks): Hono {
  return new Hono()
    .get('/healthz', async (c) => {
      const report = await runChecks(healthz);
      return c.json(report, statusOf(report), headersOf(report));
    })
    .get('/readyz', async (c) => {
      const report = await runChecks({ ...healthz, ...readyz, ...(stopping.aborted && { process: refuse }) });
      return c.json(report, statusOf(report), headersOf(report));
    });
}

function refuse(): never {
  throw new Error('The process has been asked to end.');
}

interface HealthReport {
  status: 'ok' | 'failing';
  checks: Record<string, string>;
}

async function runChecks(checks: Readonly<Record<string, HealthCheck>>): Promise<HealthReport> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]): Promise<[string, string]> => [name, await outcome(check)]),
  );
  const status = results.every(([, result]) => result === 'ok') ? 'ok' : 'failing';
  return { status, checks: Object.fromEntries(results) };
}

function headersOf(report: HealthReport): Record<string, string> {
  return { 'cache-control': 'no-store', ...(report.status === 'failing' && { 'retry-after': '1' }) };
}

function statusOf(report: HealthReport): 200 | 503 {
  return report.status === 'ok' ? 200 : 503;
}

async function outcome(check: HealthCheck): Promise<string> {
  const timeout = Promise.withResolvers<never>();
  const timer = setTimeout(() => timeout.reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  try {
    await Promise.race([check(), timeout.promise]);
    return 'ok';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    clearTimeout(timer);
  }
}
