import { attribute } from '@aauth-stack/telemetry';
import { listOf, textOf } from './attributes.ts';
import type { Header, Signature } from './flow.ts';
import { headerOf } from './headers.ts';
import type { Span } from './span.ts';

const member = /^[\w*.-]+=\((?<components>[^)]*)\)(?<parameters>.*)$/;

/**
 * The signature of a request, of which the header tells what it covers, and the verifier's span what became of it; null for a request
 * that has none.
 */
export function signatureOf(headers: readonly Header[], verification: Span | undefined): Signature | null {
  const { components = '', parameters = '' } = member.exec(headerOf(headers, 'signature-input') ?? '')?.groups ?? {};
  if (components === '') return null;
  const attributes = verification?.attributes;
  const jkt = textOf(attributes, attribute.jkt);
  const verified = listOf(attributes, attribute.signatureComponents);
  const error = jkt === null ? textOf(attributes, attribute.error) : null;
  return {
    scheme: /=([\w-]+)/.exec(headerOf(headers, 'signature-key') ?? '')?.[1] ?? null,
    components: verified.length > 0 ? verified : [...components.matchAll(/"([^"]+)"/g)].map(([, name = '']) => name),
    created: Number(/;created=(\d+)/.exec(parameters)?.[1] ?? Number.NaN) || null,
    base: textOf(attributes, attribute.signatureBase),
    algorithm: textOf(attributes, attribute.signatureAlgorithm),
    jkt,
    result: jkt !== null ? 'verified' : error !== null ? 'refused' : 'unknown',
    error,
    detail: error === null ? null : textOf(attributes, attribute.errorDetail),
  };
}

/** The span of the check that a server made, among those that it caused itself. */
export function verificationIn(spans: readonly Span[]): Span | undefined {
  return spans.find(({ name }) => name === 'aauth.verify');
}
