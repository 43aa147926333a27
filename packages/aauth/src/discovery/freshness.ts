/** Seconds a document without any caching header counts as fresh. */
const defaultLifetime = 600;
/** No document is fetched again sooner, or kept longer without asking (AAuth Protocol, "JWKS Discovery and Caching"). */
const shortestLifetime = 60;
const longestLifetime = 24 * 60 * 60;

/**
 * How long a response may be used without asking again (RFC 9111 §4.2): `max-age` less `Age`, else `Expires`, else ten minutes;
 * never under a minute, whatever the header says, and never over a day.
 *
 * @returns seconds
 */
export function freshnessLifetime(headers: Headers): number {
  const lifetime = statedLifetime(headers) ?? defaultLifetime;
  return Math.min(Math.max(lifetime, shortestLifetime), longestLifetime);
}

function statedLifetime(headers: Headers): number | undefined {
  const directives = (headers.get('cache-control') ?? '').split(',').map((directive) => directive.trim().toLowerCase());
  if (directives.includes('no-store') || directives.includes('no-cache')) return 0;
  const maxAge = directives.map((directive) => /^max-age="?(\d{1,10})"?$/.exec(directive)?.[1]).find(Boolean);
  if (maxAge !== undefined) return Number(maxAge) - seconds(headers.get('age'));
  const expires = Date.parse(headers.get('expires') ?? '');
  const date = Date.parse(headers.get('date') ?? '');
  return Number.isNaN(expires) || Number.isNaN(date) ? undefined : (expires - date) / 1000;
}

function seconds(value: string | null): number {
  return value && /^\d{1,10}$/.test(value) ? Number(value) : 0;
}
