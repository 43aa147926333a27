import { TokenRequestError } from '@aauth-stack/aauth/errors';
import type { Step } from '../environment.ts';
import type { DirectedSubject } from '../tokens/directed-subject.ts';

/** `sub` of the presented token is the person for whom this is asked, as that resource knows them. 400 `invalid_presented_token`. */
export function checkPerson(directedSubject: DirectedSubject): Step {
  return async function checkPerson(c, next) {
    const { subject, audience } = c.get('presented').token;
    const personId = c.get('personId');
    if (personId === undefined || subject !== directedSubject(personId, audience)) {
      throw new TokenRequestError(
        'invalid_presented_token',
        'The presented token names another person than the one this is asked for.',
        { claim: 'sub', received: subject },
      );
    }
    await next();
  };
}
