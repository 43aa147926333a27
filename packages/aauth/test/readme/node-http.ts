import { createServer } from 'node:http';
import { verifyNodeRequest } from '@aauth-stack/aauth/node';
import type { Resource } from '@aauth-stack/aauth/resource';

export function createInventoryServer(inventory: Resource) {
  return createServer(async (req, res) => {
    const { verdict, body } = await verifyNodeRequest(inventory, req);
    if (!verdict.ok) {
      const { status, headers, body: problem } = verdict.response;
      res.writeHead(status, headers).end(problem);
      return;
    }
    res.end(`${verdict.principal.jkt} sent ${body?.length ?? 0} bytes`);
  });
}
