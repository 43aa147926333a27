import { describe, expect, it } from 'vitest';
import { parseServerIdentifier } from '../identifiers.ts';
import { type ResourceMetadataOptions, resourceMetadata } from './metadata.ts';

const identifiers = { allowLoopback: false };
const identifier = parseServerIdentifier('https://inventory.example', identifiers);
const options: ResourceMetadataOptions = {
  identifier,
  identifiers,
  access: 'auth-token',
  jwksUri: 'https://inventory.example/.well-known/jwks.json',
  authorizationEndpoint: 'https://inventory.example/authorize',
  revocationEndpoint: 'https://inventory.example/revoke',
  scopeDescriptions: { 'stock:read': 'See what is in **stock**.' },
  signatureWindow: 30,
  additionalSignatureComponents: ['@query'],
  name: 'Inventory',
  description: 'What is *there*.',
  logoUri: 'https://inventory.example/logo.svg?v=1',
  documentationUri: 'https://docs.example/inventory',
};

describe('resource metadata', () => {
  it('says all that an agent needs for its first call', () => {
    expect(JSON.parse(JSON.stringify(resourceMetadata(options)))).toEqual({
      issuer: 'https://inventory.example',
      access_mode: 'auth-token',
      accept_signature_algs: ['Ed25519', 'ES256'],
      jwks_uri: 'https://inventory.example/.well-known/jwks.json',
      authorization_endpoint: 'https://inventory.example/authorize',
      revocation_endpoint: 'https://inventory.example/revoke',
      scope_descriptions: { 'stock:read': 'See what is in **stock**.' },
      signature_window: 30,
      additional_signature_components: ['@query'],
      name: 'Inventory',
      description: 'What is *there*.',
      logo_uri: 'https://inventory.example/logo.svg?v=1',
      documentation_uri: 'https://docs.example/inventory',
    });
  });

  it('leaves out what there is not', () => {
    expect(JSON.parse(JSON.stringify(resourceMetadata({ identifier, identifiers, access: 'agent-token' })))).toEqual({
      issuer: 'https://inventory.example',
      access_mode: 'agent-token',
      accept_signature_algs: ['Ed25519', 'ES256'],
    });
  });

  it.each<[string, Partial<ResourceMetadataOptions>]>([
    ['an endpoint with a query', { authorizationEndpoint: 'https://inventory.example/authorize?x=1' }],
    ['an endpoint with an empty query', { revocationEndpoint: 'https://inventory.example/revoke?' }],
    ['an endpoint with a fragment', { revocationEndpoint: 'https://inventory.example/revoke#x' }],
    ['keys over http', { jwksUri: 'http://inventory.example/jwks' }],
    ['a policy that is a script', { policyUri: 'javascript:alert(1)' }],
    ['terms on loopback', { tosUri: 'http://localhost/tos' }],
  ])('refuses %s', (_, change) => {
    expect(() => resourceMetadata({ ...options, ...change })).toThrow(
      expect.objectContaining({ name: 'IdentifierError' }),
    );
  });
});
