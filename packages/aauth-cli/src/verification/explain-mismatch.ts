import type { VerificationKey } from '@aauth-stack/aauth/keys';
import { type SignatureInput, signatureBase } from '@aauth-stack/aauth/signatures';
import type { CapturedRequest } from '../captured/captured-request.ts';

type Variant = readonly [change: Partial<CapturedRequest>, meaning: string];

/**
 * Tries what usually lies between a signature and its verification: another host, path, query or method than the signer saw.
 *
 * @returns what the signature was made for, or that nothing of that explains it
 */
export async function explainMismatch(
  request: CapturedRequest,
  { components, signatureParams }: SignatureInput,
  signature: Uint8Array,
  key: VerificationKey,
): Promise<string> {
  for (const [change, meaning] of variants(request)) {
    const base = tryBase({ ...request, ...change }, components, signatureParams);
    if (base !== undefined && (await key.verify(signature, Buffer.from(base)))) return meaning;
  }
  return 'Something that it covers was changed after it was signed, or another key made it. --base shows what is covered.';
}

function variants(request: CapturedRequest): Variant[] {
  const { authority, path, query, method } = request;
  const host = authority.replace(/:\d+$/, '');
  const port = /:(\d+)$/.exec(authority)?.[1];
  const hosts = [
    request.headers.get('host'),
    request.headers.get('x-forwarded-host'),
    host,
    `${host}:80`,
    `${host}:443`,
    ...(port ? [`localhost:${port}`, `127.0.0.1:${port}`] : ['localhost', '127.0.0.1']),
  ];
  return [
    ...hosts
      .filter((name): name is string => name !== null && name.toLowerCase() !== authority)
      .map(
        (name): Variant => [{ authority: name.toLowerCase() }, madeFor('@authority', name.toLowerCase(), authority)],
      ),
    ...[path.replace(/\/$/, ''), `${path}/`, decoded(path), encodeURI(decoded(path)), collapsed(path)]
      .filter((other) => other !== path && other !== '')
      .map((other): Variant => [{ path: other }, madeFor('@path', other, path)]),
    ...['', '?', query.slice(1)]
      .filter((other) => other !== query)
      .map(
        (other): Variant => [{ query: other }, madeFor('@query', other === '' ? '(none)' : other, query || '(none)')],
      ),
    ...[method.toUpperCase(), method.toLowerCase(), 'GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD']
      .filter((other) => other !== method)
      .map((other): Variant => [{ method: other }, madeFor('@method', other, method)]),
  ];
}

function madeFor(component: string, signed: string, here: string): string {
  return `It was made for ${component} "${signed}"; here it is "${here}". Something between signer and capture changed it, or one of them has it wrong.`;
}

function tryBase(request: CapturedRequest, components: readonly string[], params: string): string | undefined {
  try {
    return signatureBase(request, components, params);
  } catch {
    return undefined;
  }
}

function decoded(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}

function collapsed(path: string): string {
  return URL.parse(path, 'http://host')?.pathname ?? path;
}
