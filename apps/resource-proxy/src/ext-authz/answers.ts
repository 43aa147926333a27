import type { ProblemResponse } from '@aauth-stack/aauth/problem';
import { isForwardedHeader, type Principal, proxySecretHeader } from '@aauth-stack/aauth/resource';
import { status as grpcStatus } from '@grpc/grpc-js';
import { isMisleading, overrides, signatureHeaders } from '../checks/misleading-fields.ts';
import { statementsOn } from '../checks/statements.ts';
import { principalFacts } from '../policy/facts.ts';
import type { ProtectedResource } from '../resources/protected-resource.ts';
import type { CheckedRequest } from './checked-request.ts';
import type { AllowedResponse, DeniedResponse } from './wire/check-response.ts';

export interface AnswerOptions {
  /** Sent to the services of resources that want it: it makes them believe `x-aauth-*`. */
  readonly proxySecret: string | undefined;
}

/** Says that nobody has compared the body with the signature. The service can, by `Content-Digest`. */
const unverifiedBody = { 'x-aauth-body': 'unverified' } as const;

/**
 * Every header in which only a proxy may speak. Those that are not set are removed by name, like those that name another method or
 * path, since a gateway may be configured to send only some of the client's headers.
 */
const statementNames = [
  'level',
  'scheme',
  'token-type',
  'jkt',
  'agent',
  'agent-server',
  'delegate',
  'person-server',
  'sub',
  'scope',
  'txn',
  'token',
  'body',
  'proxy-secret',
].map((name) => `x-aauth-${name}`);

interface Admission {
  readonly principal: Principal;
  readonly bodyVerified: boolean;
  readonly resource: ProtectedResource;
}

/** Lets a request pass, with what is known of its sender. */
export function allowedResponse(
  { principal, bodyVerified, resource }: Admission,
  { headers: sent, mayHaveBody }: CheckedRequest,
  { proxySecret }: AnswerOptions,
): AllowedResponse {
  const { stripSignatureHeaders, forwardProxySecret } = resource.config;
  const headers: Record<string, string> = {
    ...statementsOn({ principal, resource }),
    ...(mayHaveBody && !bodyVerified ? unverifiedBody : {}),
    ...(forwardProxySecret && proxySecret ? { [proxySecretHeader]: proxySecret } : {}),
  };
  const names = new Set(Object.keys(sent));
  // What starts with a colon is the gateway's own way to say method, path and host.
  const isTaken = (name: string) => !name.startsWith(':') && (isForwardedHeader(name) || isMisleading(name, names));
  const removed = new Set([...statementNames, ...overrides, ...[...names].filter(isTaken)]);
  if (stripSignatureHeaders) for (const name of signatureHeaders) removed.add(name);
  // Envoy removes after it has set.
  for (const name of Object.keys(headers)) removed.delete(name);
  return { allowed: true, headers, headersToRemove: [...removed], metadata: { ...principalFacts(principal) } };
}

/** Gives the client the answer that our own gateway would give. */
export function deniedResponse({ status, headers, body }: ProblemResponse): DeniedResponse {
  return { allowed: false, code: grpcCode(status), status, headers, body };
}

const grpcCodes: Readonly<Record<number, number>> = {
  401: grpcStatus.UNAUTHENTICATED,
  403: grpcStatus.PERMISSION_DENIED,
  500: grpcStatus.INTERNAL,
  503: grpcStatus.UNAVAILABLE,
};

function grpcCode(status: number): number {
  return grpcCodes[status] ?? grpcStatus.INVALID_ARGUMENT;
}
