import { isMap, isSeq, parseDocument, type YAMLMap } from 'yaml';

/** Bodies up to this size are compared with their signatures; agentgateway sends none unless it is told to. */
const includeRequestBody = { maxRequestBytes: 1_048_576, packAsBytes: true };

/** A file of routes from infra/gateway, as the real agentgateway needs it where the proxy answers its external authorization. */
export function gatewayForAgentgateway(text: string): string {
  const document = parseDocument(text, { merge: true });
  visit(document.contents, (map) => {
    const extAuthz = map.get('extAuthz');
    if (isMap(extAuthz)) extAuthz.set('includeRequestBody', document.createNode(includeRequestBody));
  });
  return String(document);
}

/**
 * The resources that belong to it: services behind a gateway that is not the proxy's own get the secret by which they
 * believe `x-aauth-*` with the answer of the external authorization.
 */
export function resourcesForAgentgateway(text: string): string {
  const document = parseDocument(text, { merge: true });
  const resources = document.get('resources');
  if (!isSeq(resources)) throw new TypeError('The file has no list of resources.');
  for (const resource of resources.items) if (isMap(resource)) resource.set('forward_proxy_secret', true);
  return String(document);
}

function visit(node: unknown, onMap: (map: YAMLMap) => void): void {
  if (isSeq(node)) for (const item of node.items) visit(item, onMap);
  if (!isMap(node)) return;
  onMap(node);
  for (const { value } of node.items) visit(value, onMap);
}
