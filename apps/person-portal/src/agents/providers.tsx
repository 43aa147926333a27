import {
  Button,
  Dialog,
  Fact,
  Facts,
  Identifier,
  Item,
  ItemList,
  Markdown,
  Quoted,
  RelativeTime,
  Said,
  Section,
  Tag,
  useAnnounce,
} from '@aauth-stack/ui';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import type { TrustedAgentServer } from '../api/agents.ts';
import { useApi } from '../api/api.ts';
import styles from '../pages/details.module.css';
import { hostOf } from '../pages/names.tsx';
import { Problem } from '../pages/problem.tsx';
import { useChange } from '../pages/use-change.ts';
import type { Opened } from '../pages/use-opened.ts';
import { AddProvider } from './add-provider.tsx';

export interface ProvidersProps {
  providers: readonly TrustedAgentServer[];
  opened: Opened;
}

/** The agent providers whose agents may ask. */
export function Providers({ providers, opened }: ProvidersProps) {
  const [adding, setAdding] = useState(false);
  return (
    <Section
      title="Trusted agent providers"
      count={providers.length}
      about="A provider vouches for its agents’ identity. Agents of other providers get nothing here."
      actions={
        <Button icon={Plus} onClick={() => setAdding(true)}>
          Add a provider
        </Button>
      }
    >
      <ItemList label="Trusted agent providers">
        {providers.map((provider) => (
          <Item
            key={provider.issuer}
            title={<Said>{provider.display_name}</Said>}
            open={opened.id === provider.issuer}
            onOpen={() => opened.open(provider.issuer)}
            state={provider.implicit && <Tag>your own</Tag>}
          >
            <code>{hostOf(provider.issuer)}</code>
            {provider.jwks_uri === null && <span>does not answer now</span>}
          </Item>
        ))}
      </ItemList>
      {adding && <AddProvider onClose={() => setAdding(false)} />}
    </Section>
  );
}

export interface ProviderDetailsProps {
  provider: TrustedAgentServer;
  onRemoved: () => void;
}

export function ProviderDetails({ provider, onRemoved }: ProviderDetailsProps) {
  const [removing, setRemoving] = useState(false);
  return (
    <>
      {provider.description !== null && (
        <Quoted by="resource" heading="The provider says">
          <Markdown>{provider.description}</Markdown>
        </Quoted>
      )}
      <Facts>
        <Fact name="Identifier">
          <Identifier label="identifier" value={provider.issuer} />
        </Fact>
        <Fact name="Keys at">
          {provider.jwks_uri === null ? (
            'not known: it does not answer'
          ) : (
            <Identifier label="address" value={provider.jwks_uri} />
          )}
        </Fact>
        {provider.jwks_fingerprint !== null && (
          <Fact name="Fingerprint of its keys">
            <Identifier label="fingerprint" value={provider.jwks_fingerprint} />
          </Fact>
        )}
        <Fact name={provider.implicit ? 'Configured' : 'Added'}>
          <RelativeTime at={provider.added_at} />
        </Fact>
      </Facts>
      {provider.implicit ? (
        <p className={styles.hint}>It belongs to this Person Server and cannot be removed.</p>
      ) : (
        <div className={styles.actions}>
          <Button look="refuse" onClick={() => setRemoving(true)}>
            Remove
          </Button>
        </div>
      )}
      {removing && <RemoveProvider provider={provider} onClose={() => setRemoving(false)} onRemoved={onRemoved} />}
    </>
  );
}

interface RemoveProviderProps extends ProviderDetailsProps {
  onClose: () => void;
}

function RemoveProvider({ provider, onClose, onRemoved }: RemoveProviderProps) {
  const api = useApi();
  const announce = useAnnounce();
  const remove = useChange(async () => {
    const query = new URLSearchParams({ issuer: provider.issuer });
    await api.change(`/person/trusted-agent-servers?${query}`, { method: 'DELETE' });
    announce(`Removed ${provider.display_name}.`);
    onRemoved();
  }, ['providers', 'bindings', 'activity']);
  return (
    <Dialog
      title={`Remove ${provider.display_name}?`}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Keep it</Button>
          <Button look="refuse" busy={remove.isPending} onClick={() => remove.mutate(undefined)}>
            Remove this provider
          </Button>
        </>
      }
    >
      <p>
        The next request of every agent of <code>{hostOf(provider.issuer)}</code> is refused here. What they hold
        already works until it expires.
      </p>
      {remove.error && <Problem title="The provider was not removed" error={remove.error} />}
    </Dialog>
  );
}
