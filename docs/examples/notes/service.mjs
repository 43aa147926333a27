// A service that knows nothing of the protocol. It believes what the proxy says of the caller, and believes nobody else.
import { createServer } from 'node:http';

const { AAUTH_PROXY_SECRET: secret } = process.env;
if (!secret) throw new Error('AAUTH_PROXY_SECRET is not set.');

const server = createServer(({ method, url, headers }, response) => {
  const { 'x-aauth-proxy-secret': sent, ...rest } = headers;
  if (sent !== secret) {
    response.writeHead(403).end();
    return;
  }
  const caller = Object.entries(rest).filter(([name]) => name.startsWith('x-aauth-'));
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ request: `${method} ${url}`, caller: Object.fromEntries(caller) }));
});
server.listen(7001, '127.0.0.1');
