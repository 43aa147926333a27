import { IdentifierError, RequestError } from '@aauth-stack/aauth/errors';
import { type IdentifierPolicy, parseEndpointUrl, type ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { z } from 'zod';

// People decide by this name, so it holds nothing they cannot see: no control or format characters (bidirectional
// overrides, zero-width ones), no line breaks, nothing unassigned.
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u;

const maxCallbackLength = 2048;

const agentName = z
  .string({ error: 'agent_name is a text of 1 to 256 characters' })
  .transform((name) => name.normalize('NFC').trim())
  .refine((name) => name.length >= 1 && name.length <= 256, { error: 'agent_name is a text of 1 to 256 characters' })
  .refine((name) => !unseen.test(name), { error: 'agent_name contains a character that cannot be seen or printed' });

const bodySchema = z.object(
  {
    agent_name: agentName,
    ps: z.string({ error: 'ps is the identifier of a Person Server' }).optional(),
    callback: z.string({ error: 'callback is a URL' }).max(maxCallbackLength, 'callback is too long').optional(),
  },
  { error: 'the body is a JSON object with agent_name' },
);

/** What an agent asks for when it enrols. */
export interface EnrolmentRequest {
  agentName: string;
  callback: string | undefined;
}

/**
 * Parses the body of `POST /register`.
 *
 * @throws RequestError `invalid_request` naming the member that is wrong
 */
export function parseEnrolmentRequest(
  body: unknown,
  { personServer, identifiers }: { personServer: ServerIdentifier; identifiers: IdentifierPolicy },
): EnrolmentRequest {
  const result = bodySchema.safeParse(body);
  if (!result.success) {
    const details = result.error.issues.map((issue) => issue.message);
    throw new RequestError('invalid_request', `The enrolment is refused: ${details.join('; ')}.`);
  }
  const { agent_name, ps, callback } = result.data;
  if (ps !== undefined && ps !== personServer) {
    throw new RequestError(
      'invalid_request',
      `This Agent Provider enrols agents of the Person Server ${personServer} only; "ps" names another.`,
    );
  }
  return { agentName: agent_name, callback: callback === undefined ? undefined : parseCallback(callback, identifiers) };
}

function parseCallback(callback: string, identifiers: IdentifierPolicy): string {
  try {
    return parseEndpointUrl(callback, identifiers).href;
  } catch (error) {
    if (!(error instanceof IdentifierError)) throw error;
    throw new RequestError('invalid_request', `"callback" is refused: ${error.message}`, { cause: error });
  }
}
