import type { IssuerPin } from '../discovery/types.ts';
import { type IdentifierPolicy, parseEndpointUrl, type ServerIdentifier } from '../identifiers.ts';
import type { MaybePromise } from '../maybe-promise.ts';

/**
 * Issuers that are accepted: a list, or a function where the list changes, which returns `undefined` for an issuer that is not
 * accepted or throws what the request is to be refused with. An empty list accepts nobody.
 */
export type AcceptedIssuers =
  | readonly IssuerPin[]
  | ((issuer: ServerIdentifier) => MaybePromise<IssuerPin | undefined>);

/** Finds whether an issuer is accepted, and where its keys are if that is not left to its metadata. */
export type IssuerLookup = (issuer: ServerIdentifier) => MaybePromise<{ readonly jwksUri?: string } | undefined>;

/**
 * Makes the lookup of accepted issuers.
 *
 * @param accepted absent: every issuer is accepted
 * @throws IdentifierError when a `jwksUri` is not an acceptable URL; of a list at once, of a function when it returns one
 */
export function issuerLookup(accepted: AcceptedIssuers | undefined, identifiers: IdentifierPolicy): IssuerLookup {
  if (accepted === undefined) return () => ({});
  const located = ({ jwksUri }: IssuerPin) => ({ jwksUri: jwksUri && parseEndpointUrl(jwksUri, identifiers).href });
  if (typeof accepted === 'function') {
    return async (issuer) => {
      const pin = await accepted(issuer);
      return pin && located(pin);
    };
  }
  const pins = new Map(accepted.map((pin) => [pin.issuer, located(pin)]));
  return (issuer) => pins.get(issuer);
}
