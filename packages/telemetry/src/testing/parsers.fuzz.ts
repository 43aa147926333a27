import type { FuzzTargets } from '@aauth-stack/fuzz';
import { presentedAttributes } from '../presented-token.ts';
import { withoutTokens } from '../without-tokens.ts';

const part = Buffer.from('{"alg":"Ed25519","typ":"aa-agent+jwt","kid":"k"}').toString('base64url');
const token = `${part}.${Buffer.from('{"sub":"a","cnf":{}}').toString('base64url')}.${'A'.repeat(86)}`;

/** What peers have sent, on its way to logs and traces. */
export const targets: FuzzTargets = {
  'a text for logs and traces': {
    read: (text) => {
      const told = withoutTokens(text);
      if (/eyJ[\w-]+\.eyJ[\w-]+\.[\w-]{20}/.test(told)) throw new Error(`A token leaves the process: ${told}`);
      if (withoutTokens(told) !== told) throw new Error('What was cut is cut again.');
    },
    examples: [token, `Signature-Key: sig=jwt;jwt="${token}", ${token}.${token}`, 'eyJ-eyJ.eyJ.eyJ'],
  },
  'the token of a request, for its span': {
    read: presentedAttributes,
    examples: [`sig=jwt;jwt="${token}"`, 'sig=hwk'],
  },
};
