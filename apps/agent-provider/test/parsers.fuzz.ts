import { AAuthError } from '@aauth-stack/aauth/errors';
import { parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import type { FuzzTargets } from '@aauth-stack/fuzz';
import { parseEnrolmentRequest } from '../src/enrolments/enrolment-request.ts';

const identifiers = { allowLoopback: true };
const personServer = parseServerIdentifier('http://person-server.localhost:8765', identifiers);

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** What agents send. */
export const targets: FuzzTargets = {
  'an enrolment': {
    read: (text) => {
      try {
        const { agentName, callback } = parseEnrolmentRequest(parseJson(text), { personServer, identifiers });
        if (/[\p{Cc}\p{Cs}]/u.test(agentName) || agentName.length > 256) throw new Error(`It is no name: ${agentName}`);
        if (callback !== undefined && !/^https?:/.test(callback))
          throw new Error(`Nobody goes back there: ${callback}`);
      } catch (error) {
        if (!(error instanceof AAuthError)) throw error;
      }
    },
    examples: [`{"agent_name":"An agent","ps":"${personServer}","callback":"http://localhost:8000/auth-callback"}`],
  },
};
