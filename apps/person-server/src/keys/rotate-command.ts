import { loadOperatorConfig } from '../config.ts';

/**
 * `pnpm --filter @aauth-stack/person-server rotate-key`: asks the running service, on this machine, to rotate its signing key.
 * It needs the service's AAUTH_OPERATOR_TOKEN, and its PORT where that is not the default.
 */
async function rotateKey(): Promise<string> {
  const { port, operatorToken } = loadOperatorConfig(process.env);
  const url = `http://127.0.0.1:${port}/operator/keys/rotate`;
  const headers = { authorization: `Bearer ${operatorToken}` };
  const response = await fetch(url, { method: 'POST', headers }).catch((cause: unknown) => {
    throw new Error(`nothing answers at ${url}: is the Person Server running?`, { cause });
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text}`);
  return text;
}

try {
  process.stdout.write(`${await rotateKey()}\n`);
} catch (error) {
  process.stderr.write(`cannot rotate the key: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
