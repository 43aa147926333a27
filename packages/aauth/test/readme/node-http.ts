import { createServer, type ServerResponse } from 'node:http';
import { verifyNodeRequest } from '@aauth-stack/aauth/node';
import { type ProblemResponse, toProblem } from '@aauth-stack/aauth/problem';
import type { Resource } from '@aauth-stack/aauth/resource';

export function createInventoryServer(inventory: Resource) {
  return createServer(async (req, res) => {
    try {
      const { verdict, body } = await verifyNodeRequest(inventory, req);
      if (verdict.ok) res.end(`${verdict.principal.jkt} sent ${body?.length ?? 0} bytes`);
      else send(res, verdict.response);
    } catch (error) {
      send(res, toProblem(error)); // 500, which says nothing of what happened
    }
  });
}

function send(res: ServerResponse, { status, headers, body }: ProblemResponse) {
  res.writeHead(status, headers).end(body);
}
