import { Pool } from 'undici';

export interface Target {
  readonly origin: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Sends a number of requests on a number of connections, each connection as soon as it has the answer to its last one.
 *
 * @returns how long each one took, in milliseconds
 */
export async function load(
  { origin, path, headers }: Target,
  requests: number,
  connections: number,
): Promise<number[]> {
  const pool = new Pool(origin, { connections });
  const durations: number[] = [];
  let left = requests;
  const connection = async () => {
    while (left-- > 0) {
      const started = performance.now();
      const { statusCode, body } = await pool.request({ method: 'GET', path, headers });
      if (statusCode !== 200) throw new Error(`${origin}${path} answered ${statusCode}: ${await body.text()}`);
      await body.dump({ limit: 2 * 1024 * 1024 });
      durations.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: connections }, connection));
  await pool.close();
  return durations;
}
