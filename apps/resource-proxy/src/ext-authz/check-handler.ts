import { RequestError } from '@aauth-stack/aauth/errors';
import { toProblem } from '@aauth-stack/aauth/problem';
import { withTraceHeaders } from '@aauth-stack/telemetry';
import { checkRequest } from '../checks/check.ts';
import { type DecisionTools, logDecision } from '../checks/decision-log.ts';
import type { ProtectedResource } from '../resources/protected-resource.ts';
import { type AnswerOptions, allowedResponse, deniedResponse } from './answers.ts';
import { readCheckedRequest } from './checked-request.ts';
import { contextNames, createResourceChoice } from './choose-resource.ts';
import type { CheckRequest } from './wire/check-request.ts';
import type { CheckResponse } from './wire/check-response.ts';

export interface CheckHandlerOptions extends DecisionTools, AnswerOptions {
  /** By id. */
  readonly resources: ReadonlyMap<string, ProtectedResource>;
}

/**
 * Decides about requests at another gateway as our own decides about its own: with the same check. The rules of a route are
 * that gateway's to apply, on the metadata of the answer.
 */
export function createCheckHandler(options: CheckHandlerOptions): (request: CheckRequest) => Promise<CheckResponse> {
  const chooseResource = createResourceChoice(options.resources);

  return async function check(request) {
    const started = performance.now();
    try {
      if (!request.http) throw new RequestError('invalid_request', 'The check has no attributes.request.http.');
      const checked = readCheckedRequest(request.http);
      const { resource, requiredScopes } = chooseResource(request.context, checked.message.authority);
      const input = { ...checked, resource, protection: { requiredScopes, rules: undefined } };
      const verdict = await withTraceHeaders(checked.headers, () => checkRequest(input, options));
      return verdict.allowed
        ? allowedResponse({ ...verdict, resource }, checked, options)
        : deniedResponse(verdict.response);
    } catch (error) {
      return refuse(request, error, performance.now() - started);
    }
  };

  /** Answers what could not be checked: who asks has to be able to rely on "no" just as well. */
  function refuse({ http, context }: CheckRequest, error: unknown, latency: number): CheckResponse {
    const problem = toProblem(error);
    if (problem.status >= 500) options.log.error({ err: error }, 'a check failed');
    const { code, message, cause } = reasonOf(error);
    const id = context.get(contextNames.resource) ?? '';
    logDecision(options, {
      // Not whatever is asked for: what is counted has to stay countable.
      resourceId: options.resources.has(id) ? id : 'unknown',
      facts: undefined,
      result: 'error',
      reason: code,
      detail: message,
      cause,
      method: http?.method.slice(0, 20) ?? '',
      path: http?.path.split('?', 1)[0]?.slice(0, 1000) ?? '',
      latency,
    });
    return deniedResponse(problem);
  }
}

function reasonOf(error: unknown): { code: string; message: string | undefined; cause: unknown } {
  if (!(error instanceof Error)) return { code: 'server_error', message: undefined, cause: undefined };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'server_error';
  return { code, message: error.message, cause: error.cause };
}
