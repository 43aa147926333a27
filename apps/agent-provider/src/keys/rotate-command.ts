import { loadConfig } from '../config.ts';

/**
 * `pnpm --filter @aauth-stack/agent-provider rotate-key`: asks the running service, on this machine, to rotate its
 * signing key. It needs the service's own environment: HOST, PORT and AAUTH_OPERATOR_TOKEN.
 */
async function rotateKey(): Promise<string> {
  const { port, operatorToken } = loadConfig(process.env, warn);
  if (operatorToken === undefined)
    throw new Error('AAUTH_OPERATOR_TOKEN is not set; the service needs the same value.');
  const url = `http://127.0.0.1:${port}/operator/keys/rotate`;
  const response = await fetch(url, { method: 'POST', headers: { authorization: `Bearer ${operatorToken}` } });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text}`);
  return text;
}

function warn(message: string): void {
  process.stderr.write(`${message}\n`);
}

try {
  process.stdout.write(`${await rotateKey()}\n`);
} catch (error) {
  warn(`cannot rotate the key: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
