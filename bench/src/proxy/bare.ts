import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { createServer } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { Agent, request } from 'undici';

/**
 * What passing a request on costs on node:http and undici with nothing else about it; to the path `/verified/…` with the verification of
 * one signature over as many bytes as a request's usually has. Tells its port on standard output.
 */
const [upstream = ''] = process.argv.slice(2);
const dispatcher = new Agent({ bodyTimeout: 0 });
const { privateKey } = generateKeyPairSync('ed25519');
const publicKey = createPublicKey(privateKey);
const base = Buffer.alloc(1000, 'x');
const signature = sign(null, base, privateKey);
const verified = '/verified';

const server = createServer(async (req, res) => {
  const { url = '', headers: received, method = 'GET' } = req;
  const isVerified = url.startsWith(verified);
  if (isVerified && !verify(null, base, publicKey, signature)) throw new Error('A signature does not verify.');
  const { connection: _, ...forwarded } = received;
  const { statusCode, headers, body } = await request(`${upstream}${isVerified ? url.slice(verified.length) : url}`, {
    dispatcher,
    method,
    headers: forwarded,
    body: method === 'POST' ? req : null,
  });
  const { connection: _none, ...answered } = headers;
  res.writeHead(statusCode, answered);
  await pipeline(body, res);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address && typeof address === 'object') process.stdout.write(`${address.port}\n`);
});
