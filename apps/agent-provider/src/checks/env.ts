import type { PublicJwk, Thumbprint } from '@aauth-stack/aauth/keys';
import type { HttpMessage, VerifiedSignature } from '@aauth-stack/aauth/signatures';
import type { PresentedToken } from '@aauth-stack/aauth/tokens';
import type { HttpBindings } from '@hono/node-server';

/** An agent's two keys, the possession of both of which the request has proved. */
export interface KeyProof {
  /** Thumbprint of the stable key: what the agent is known by here. */
  stableJkt: Thumbprint;
  /** The key that signed the request and goes into the token's `cnf`. */
  ephemeralKey: PublicJwk;
  /** Thumbprint of the ephemeral key. */
  jkt: Thumbprint;
}

/** A request whose signature holds. */
export interface SignedRequest {
  message: HttpMessage;
  signature: VerifiedSignature<PresentedToken>;
}

/** What the checks leave for the next ones and the handlers; `app.ts` says which endpoint has which check. */
export interface ProviderEnv {
  Bindings: HttpBindings;
  Variables: {
    /** After `verifyBothKeys` and `verifyPersonServer`. */
    signedRequest: SignedRequest;
    /** After `verifyBothKeys`. */
    keyProof: KeyProof;
  };
}
