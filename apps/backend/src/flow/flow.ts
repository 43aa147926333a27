/**
 * What happened on the wire during one run: what `GET /flows/{request_id}` answers. Facts only; what they mean to a reader, the page
 * says. Nothing in here is a signature, a complete token, or a code that is for the person.
 */
export interface Flow extends FlowHead {
  /** In the order in which they began. */
  readonly exchanges: readonly Exchange[];
}

export interface FlowHead {
  readonly version: 1;
  readonly request_id: string;
  /** What the run is asked to do. */
  readonly prompt: string | null;
  /** Of the run. */
  readonly status: string;
  /** Why the run failed. */
  readonly error: string | null;
  /** ISO 8601. */
  readonly started_at: string;
  readonly ended_at: string | null;
  readonly kind: FlowKind;
  /** The page of the run's trace in Jaeger. */
  readonly jaeger_url: string | null;
  /** Those who took part, as lanes from left to right. */
  readonly parties: readonly Party[];
  /** Whose each key is: thumbprint (RFC 7638) to party. */
  readonly keys: Readonly<Record<string, string>>;
  /** The exchange that a failed run failed at. */
  readonly failed_at: string | null;
}

/** How access was had: by identity alone, by tokens of the standing policy, by tokens that the person was asked for. */
export type FlowKind = 'identity' | 'three-party' | 'user-consent' | 'none';

export interface Party {
  /** `service.name`, or `person`, `caller`, or the host of somebody who sends no spans. */
  readonly id: string;
  /** Identifiers that it goes by in tokens and URLs. */
  readonly identifiers: readonly string[];
}

export type Meaning = 'identity' | 'challenge' | 'exchange' | 'consent' | 'success' | 'refusal' | 'other';

export interface Exchange {
  readonly id: string;
  /** The exchange in the course of which this one was made. */
  readonly parent: string | null;
  readonly from: string;
  readonly to: string;
  readonly method: string;
  /** Without secrets in its query. */
  readonly url: string;
  /** What the body calls, where it is a call of A2A or MCP: `tools/call get_inventory_levels`. */
  readonly call: string | null;
  /** Null while there is no answer, and where none came. */
  readonly status: number | null;
  readonly started_at: string;
  /** Null while it goes on. */
  readonly ended_at: string | null;
  readonly meaning: Meaning;
  /** Metadata and keys being read, or a server asking itself for them. */
  readonly discovery: boolean;
  /** Asking again for something that is not there yet, or watching. */
  readonly polling: boolean;
  /** Made on by the proxy after its check, with what it found out in `x-aauth-*`. */
  readonly forwarded: boolean;
  /** Protocol headers, in the order in which they are of interest. */
  readonly request_headers: readonly Header[];
  readonly response_headers: readonly Header[];
  readonly signature: Signature | null;
  readonly requirement: Requirement | null;
  /** What a server found about the sender beside the signature, and decided. */
  readonly decision: Decision | null;
  readonly tokens: readonly Token[];
  readonly problem: Problem | null;
}

export type Header = readonly [name: string, value: string];

export interface Signature {
  readonly scheme: string | null;
  readonly components: readonly string[];
  /** Seconds since the epoch. */
  readonly created: number | null;
  /** As its verifier computed it, the signature part of each token cut; null where it did not come to that. */
  readonly base: string | null;
  readonly algorithm: string | null;
  /** Thumbprint of the key. */
  readonly jkt: string | null;
  /** `unknown`: whoever received it says nothing about it. */
  readonly result: 'verified' | 'refused' | 'unknown';
  /** `Signature-Error` and what was said about it, where it was refused. */
  readonly error: string | null;
  readonly detail: string | null;
}

export interface Requirement {
  readonly name: string;
  /** Without the resource token, which is one of the tokens, and without the person's code. */
  readonly parameters: Readonly<Record<string, string>>;
}

export interface Decision {
  readonly result: string;
  readonly reason: string | null;
  readonly scope: readonly string[];
  readonly level: string | null;
  readonly resource: string | null;
}

export interface Token {
  readonly type: string;
  /** How it travels: it signs the request, is in its body, comes as a requirement or is issued by the response. */
  readonly role: 'presented' | 'requirement' | 'issued' | 'body';
  /** The member of the body. */
  readonly parameter: string | null;
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  /** Thumbprint of the key in `cnf`, or the one that is named. */
  readonly jkt: string | null;
}

export interface Problem {
  readonly code: string | null;
  readonly detail: string | null;
}
