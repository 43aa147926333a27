import { Fact, Facts, formatExact, Identifier, Markdown, Meaning, Quoted, RelativeTime } from '@aauth-stack/ui';
import type { ActivityEntry } from '../api/activity.ts';
import { ProviderName, Scopes } from '../pages/names.tsx';
import { meaningOf, wordOf } from './sentence.tsx';

const reasons: Readonly<Record<string, string>> = {
  'standing-policy': 'your standing policy grants it',
  'first-use-asks': 'it was the first time',
  'always-asks': 'your policy asks every time',
  'scope-needs-person': 'one of the scopes needs you',
  'unnamed-scope-needs-person': 'the resource named no scope',
  'agent-asks': 'the agent wanted you to be asked',
  consent: 'you approved it',
  'remembered-consent': 'a consent of yours is remembered',
  expired: 'nobody decided in time',
  abandoned: 'nobody decided in time',
  cancelled: 'the agent took it back',
  revoked: 'the agent, its provider or a token was revoked',
  denied: 'it was denied at the resource',
  invalid_code: 'somebody tried too many wrong codes',
  server_error: 'the resource failed when it had you',
};

export function ActivityDetails({ entry }: { entry: ActivityEntry }) {
  return (
    <>
      <div>
        <Meaning of={meaningOf(entry)}>{wordOf(entry)}</Meaning>
      </div>
      <Facts>
        <Fact name="When">
          {formatExact(entry.at)} (<RelativeTime at={entry.at} />)
        </Fact>
        {entry.reason !== null && <Fact name="Because">{reasons[entry.reason] ?? entry.reason}</Fact>}
        {entry.detail !== null && (
          <Fact name={entry.kind === 'question-asked' ? 'Your question' : 'Details'}>{entry.detail}</Fact>
        )}
        {entry.agent_id !== null && (
          <Fact name="Agent">
            <Identifier label="agent identifier" value={entry.agent_id} />
          </Fact>
        )}
        {entry.on_behalf_of !== null && (
          <Fact name="To serve">
            <Identifier label="identifier of the agent that called it" value={entry.on_behalf_of} />, which called it
          </Fact>
        )}
        {entry.agent_provider !== null && (
          <Fact name="Agent provider">
            <ProviderName issuer={entry.agent_provider} />
          </Fact>
        )}
        {entry.resource !== null && (
          <Fact name="Resource">
            <Identifier label="address of the resource" value={entry.resource} />
          </Fact>
        )}
        {entry.scopes.length > 0 && (
          <Fact name="Scope">
            <Scopes scopes={entry.scopes} />
          </Fact>
        )}
        {entry.jti !== null && (
          <Fact name="Token id">
            <Identifier label="token id" value={entry.jti} />
          </Fact>
        )}
        {entry.via !== null && (
          <Fact name="Done with">
            {entry.via === 'cookie' ? 'a signed-in browser' : 'the portal token, by a script'}
          </Fact>
        )}
        {entry.outcome === 'sent' && <Fact name="State">sent, and not confirmed yet</Fact>}
      </Facts>
      {entry.justification !== null && (
        <Quoted by="agent">
          <Markdown>{entry.justification}</Markdown>
        </Quoted>
      )}
    </>
  );
}
