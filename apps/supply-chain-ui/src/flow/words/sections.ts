/** Where something is said, for who wants to read it there. */
export interface Section {
  readonly title: string;
  readonly url: string;
}

const draft = 'https://www.ietf.org/archive/id/draft-hardt-oauth-aauth-protocol-11.html';
const signatureKey = 'https://datatracker.ietf.org/doc/html/draft-hardt-httpbis-signature-key';

const inDraft = (title: string, anchor: string): Section => ({ title, url: `${draft}#${anchor}` });
const inRfc = (number: number, title: string, section: string): Section => ({
  title: `RFC ${number}, ${title}`,
  url: `https://www.rfc-editor.org/rfc/rfc${number}.html#section-${section}`,
});

export const sections = {
  agentIdentity: inDraft('Agent Identity Access', 'overview-identity-access'),
  agentToken: inDraft('Agent Token', 'agent-tokens'),
  agentTokenRequired: inDraft('Agent Token Required', 'requirement-agent-token'),
  agentTokenAcquisition: inDraft('Agent Token Acquisition', 'agent-token-acquisition-overview'),
  personToken: inDraft('Person Token Structure', 'person-token-structure'),
  personTokenEndpoint: inDraft('Person Token Endpoint', 'person-token-endpoint'),
  personTokenRequired: inDraft('Person Token Required', 'requirement-person-token'),
  resourceToken: inDraft('Resource Token Structure', 'resource-token-structure'),
  authTokenRequired: inDraft('Auth Token Required', 'requirement-auth-token'),
  tokenEndpoint: inDraft('PS Token Endpoint', 'ps-token-endpoint'),
  authToken: inDraft('Auth Token Structure', 'auth-token-structure'),
  authTokenUsage: inDraft('Auth Token Usage', 'auth-token-usage'),
  authorizationEndpoint: inDraft('Authorization Endpoint Request', 'authorization-endpoint-request'),
  callChaining: inDraft('Call Chaining', 'call-chaining'),
  directedIdentifiers: inDraft('Directed Identifiers Across a Chain', 'directed-sub-chaining'),
  requirements: inDraft('Requirement Responses', 'requirement-responses'),
  interaction: inDraft('Interaction Required', 'interaction-required'),
  userInteraction: inDraft('User Interaction', 'user-interaction'),
  deferred: inDraft('Deferred Responses', 'deferred-responses'),
  approval: inDraft('Approval Pending', 'approval-pending'),
  clarification: inDraft('Clarification Required', 'requirement-clarification'),
  errors: inDraft('Error Responses', 'error-responses'),
  tokenErrors: inDraft('Token Endpoint Error Codes', 'token-endpoint-error-codes'),
  pollingErrors: inDraft('Polling Error Codes', 'polling-error-codes'),
  revocation: inDraft('Token Revocation', 'token-revocation'),
  capabilities: inDraft('AAuth-Capabilities Request Header', 'aauth-capabilities'),
  scopes: inDraft('Scopes', 'scopes'),
  signatures: inDraft('HTTP Message Signatures Profile', 'http-message-signatures-profile'),
  keying: inDraft('Keying Material', 'keying-material'),
  coveredComponents: inDraft('Covered Components', 'covered-components'),
  metadata: inDraft('Metadata Documents', 'metadata-documents'),
  signatureKey: { title: 'Signature-Key', url: signatureKey },
  signatureError: { title: 'Signature-Key, Signature-Error', url: signatureKey },
  signatureInput: inRfc(9421, 'The Signature-Input HTTP Field', '4.1'),
  signatureBase: inRfc(9421, 'Creating the Signature Base', '2.5'),
  components: inRfc(9421, 'Derived Components', '2.2'),
  contentDigest: inRfc(9530, 'The Content-Digest Field', '2'),
  problem: inRfc(9457, 'The Problem Details JSON Object', '3'),
  prefer: inRfc(7240, 'The "wait" Preference', '4.3'),
  confirmation: inRfc(7800, 'Confirmation Claim', '3.1'),
  thumbprint: inRfc(7638, 'JSON Web Key (JWK) Thumbprint', '3'),
  jwt: inRfc(7519, 'Registered Claim Names', '4.1'),
} as const satisfies Record<string, Section>;
