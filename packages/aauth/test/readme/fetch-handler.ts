import type { Resource } from '@aauth-stack/aauth/resource';

export function createHandler(inventory: Resource) {
  return async (request: Request): Promise<Response> => {
    const verdict = await inventory.verifyRequest(request);
    if (!verdict.ok) return new Response(verdict.response.body, verdict.response);
    return Response.json({ orderedBy: verdict.principal.jkt, order: await request.json() });
  };
}
