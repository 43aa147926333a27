import { describe, expect, it } from 'vitest';
import { interactionLink } from './interaction-link.ts';

const location = new URL('https://ps.example/pending/1');
const identifiers = { allowLoopback: false };
const interaction = (parameters: Record<string, string>) => ({
  location,
  requirement: { requirement: 'interaction', parameters },
});

describe('interactionLink', () => {
  it('has the code, and the callback encoded as one value', () => {
    const pending = interaction({ url: 'https://ps.example/ui/consent', code: 'A1B2-C3D4' });
    expect(interactionLink(pending, { identifiers })).toEqual({
      url: 'https://ps.example/ui/consent?code=A1B2-C3D4',
      code: 'A1B2-C3D4',
    });
    const callback = 'https://app.example/auth-callback?request_id=7&x=a b';
    const link = interactionLink(pending, { identifiers, callback });
    expect(link?.url).toBe(
      'https://ps.example/ui/consent?code=A1B2-C3D4&callback=https%3A%2F%2Fapp.example%2Fauth-callback%3Frequest_id%3D7%26x%3Da+b',
    );
    expect([...new URL(link?.url ?? '').searchParams]).toEqual([
      ['code', 'A1B2-C3D4'],
      ['callback', callback],
    ]);
  });

  it('keeps what the URL says already, but not another code', () => {
    const pending = interaction({ url: 'https://ps.example/c?lang=de&code=x', code: 'A&B' });
    expect(interactionLink(pending, { identifiers })?.url).toBe('https://ps.example/c?lang=de&code=A%26B');
  });

  it('is nothing where nothing or something else is required', () => {
    expect(interactionLink({ location, requirement: undefined }, { identifiers })).toBeUndefined();
    const requirement = { requirement: 'approval', parameters: { url: 'https://ps.example/', code: 'A' } };
    expect(interactionLink({ location, requirement }, { identifiers })).toBeUndefined();
  });

  it('admits http on loopback only where the policy does', () => {
    const pending = interaction({ url: 'http://ps.localhost:8765/ui/consent', code: 'A' });
    expect(interactionLink(pending, { identifiers: { allowLoopback: true } })?.url).toContain(
      'http://ps.localhost:8765/',
    );
    expect(() => interactionLink(pending, { identifiers })).toThrow(/https:\/\/ps\.example requires cannot be opened/);
  });

  it.each<[string, Record<string, string>]>([
    ['a URL that a browser would run', { url: 'javascript:alert(1)', code: 'A' }],
    ['data', { url: 'data:text/html,x', code: 'A' }],
    ['plain http', { url: 'http://ps.example/', code: 'A' }],
    ['a relative URL', { url: '/ui/consent', code: 'A' }],
    ['credentials', { url: 'https://me:secret@ps.example/', code: 'A' }],
    ['no URL', { code: 'A' }],
    ['no code', { url: 'https://ps.example/' }],
    ['an empty code', { url: 'https://ps.example/', code: '' }],
  ])('refuses %s', (_, parameters) => {
    const make = () => interactionLink(interaction(parameters), { identifiers });
    expect(make).toThrow(expect.objectContaining({ name: 'PeerError', code: 'invalid_response', status: 502 }));
  });
});
