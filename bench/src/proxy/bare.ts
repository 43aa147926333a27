import { createServer } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { Agent, request } from 'undici';

/** What passing a request on costs on node:http and undici with nothing else about it. Tells its port on standard output. */
const [upstream = ''] = process.argv.slice(2);
const dispatcher = new Agent({ bodyTimeout: 0 });

const server = createServer(async (req, res) => {
  const { connection: _, ...forwarded } = req.headers;
  const { statusCode, headers, body } = await request(`${upstream}${req.url}`, {
    dispatcher,
    method: req.method ?? 'GET',
    headers: forwarded,
  });
  const { connection: _none, ...answered } = headers;
  res.writeHead(statusCode, answered);
  await pipeline(body, res);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address && typeof address === 'object') process.stdout.write(`${address.port}\n`);
});
