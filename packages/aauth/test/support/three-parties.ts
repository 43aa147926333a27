import { parseServerIdentifier, type ServerIdentifier } from '../../src/identifiers.ts';
import type { SigningKey } from '../../src/keys/types.ts';
import { issueAuthToken } from '../../src/tokens/auth-token.ts';
import { signJwt } from '../../src/tokens/jwt.ts';
import { issuePersonToken } from '../../src/tokens/person-token.ts';
import { issueResourceToken } from '../../src/tokens/resource-token.ts';
import { createTestParties, type TestParties } from './agent-provider.ts';
import { createKey } from './keys.ts';

type Members = Readonly<Record<string, unknown>>;

/** What a test changes about a token; it is signed all the same. A claim that is `undefined` is left out. */
export interface TokenChanges {
  readonly claims?: Members;
  readonly header?: Members;
  readonly type?: string;
  readonly key?: SigningKey;
}

/** Agent provider, Person Server and resource with their keys published, and tokens of each for one agent of one person. */
export interface ThreeParties extends TestParties {
  readonly ps: ServerIdentifier;
  readonly psKey: SigningKey;
  readonly resource: ServerIdentifier;
  readonly resourceKey: SigningKey;
  personToken(changes?: TokenChanges): Promise<string>;
  authToken(changes?: TokenChanges): Promise<string>;
  resourceToken(changes?: TokenChanges): Promise<string>;
}

export const subject = '8f14e45fceea167a';

export async function createThreeParties(): Promise<ThreeParties> {
  const parties = await createTestParties();
  const { agentKey, clock, web } = parties;
  const identifiers = { allowLoopback: false };
  const ps = parseServerIdentifier('https://ps.example', identifiers);
  const resource = parseServerIdentifier('https://inventory.example', identifiers);
  const [psKey, resourceKey] = [await createKey('ps-1'), await createKey('rs-1')];
  web.publishIssuer(ps, 'aauth-person.json', [psKey.publicJwk]);
  web.publishIssuer(resource, 'aauth-resource.json', [resourceKey.publicJwk]);

  const sign = (type: string, claims: object, key: SigningKey, changes: TokenChanges) =>
    signJwt(changes.type ?? type, { ...claims, ...changes.claims }, changes.key ?? key, changes.header);
  const common = () => ({ now: clock.now, cnf: agentKey.publicJwk, notAfter: [] });

  return {
    ...parties,
    ps,
    psKey,
    resource,
    resourceKey,
    async personToken(changes = {}) {
      const issued = await issuePersonToken({ ...common(), issuer: ps, audience: resource, subject, key: psKey });
      return sign('aa-person+jwt', issued.claims, psKey, changes);
    },
    async authToken(changes = {}) {
      const issued = await issueAuthToken({
        ...common(),
        issuer: ps,
        audience: resource,
        subject,
        personServer: ps,
        scope: ['stock:read'],
        key: psKey,
      });
      return sign('aa-auth+jwt', issued.claims, psKey, changes);
    },
    async resourceToken(changes = {}) {
      const issued = await issueResourceToken({
        issuer: resource,
        audience: ps,
        subject,
        personServer: ps,
        presentedJti: 'presented-1',
        agentJkt: agentKey.thumbprint,
        scope: ['stock:read', 'stock:order'],
        key: resourceKey,
        now: clock.now,
      });
      return sign('aa-resource+jwt', issued.claims, resourceKey, changes);
    },
  };
}
