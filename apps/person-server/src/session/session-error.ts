import { AAuthError } from '@aauth-stack/aauth/errors';

const responses = {
  session_required: { status: 401, headers: { 'www-authenticate': 'Bearer realm="person-server"' } },
  reauthentication_required: { status: 401, headers: {} },
  wrong_token: { status: 403, headers: {} },
  wrong_origin: { status: 403, headers: {} },
  csrf_token_required: { status: 403, headers: {} },
  slow_down: { status: 429, headers: {} },
} as const;

export type SessionErrorCode = keyof typeof responses;

/** Nobody, or not surely the person, is asking for something only the person may do. */
export class SessionError extends AAuthError {
  override readonly name = 'SessionError';
  declare readonly code: SessionErrorCode;

  constructor(code: SessionErrorCode, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(code, { status: responses[code].status, detail, headers: { ...responses[code].headers, ...headers } });
  }
}
