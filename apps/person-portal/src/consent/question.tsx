import { Said } from '@aauth-stack/ui';
import type { ConsentRequest } from '../api/consent.ts';
import { ResourceName } from '../pages/names.tsx';

/** The whole of it in one sentence. */
export function Question({ request }: { request: ConsentRequest }) {
  const { agent, resource, pending_kind: kind } = request;
  return (
    <>
      <Said>{agent.agent_name}</Said> {kind === 'person-token' ? 'asks to act for you at' : 'asks for access at'}{' '}
      <ResourceName issuer={resource.issuer} name={resource.name} />
      {kind === 'auth-token' && ', in your name'}
    </>
  );
}
