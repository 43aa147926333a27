/** Who uses the API. */
export interface User {
  /** Whose runs are theirs: unique over all providers. */
  readonly owner: string;
  readonly id: string;
  readonly username: string;
  readonly email: string | null;
  readonly name: string;
}

/** Whoever comes while nobody has to sign in. */
export const guest: User = {
  owner: 'guest',
  id: 'guest',
  username: 'guest',
  email: 'guest@example.com',
  name: 'Guest',
};

/** The owner that somebody is who signed in at a provider. Issuers hold no space. */
export function ownerOf(issuer: string, subject: string): string {
  return `${issuer} ${subject}`;
}

/** What the provider knows an owner by; the guest is `guest`. */
export function subjectOf(owner: string): string {
  return owner.slice(owner.indexOf(' ') + 1);
}
