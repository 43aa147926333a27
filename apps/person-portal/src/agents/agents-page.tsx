import { Beside, type DetailsProps, Said } from '@aauth-stack/ui';
import { useQuery } from '@tanstack/react-query';
import { useApi } from '../api/api.ts';
import { Loaded } from '../pages/loaded.tsx';
import { PageHeader } from '../pages/page-header.tsx';
import { type Opened, useOpened } from '../pages/use-opened.ts';
import { ActiveAgents, RevokedAgents } from './agent-lists.tsx';
import { BindingDetails } from './binding-details.tsx';
import { PendingEnrolments } from './pending-enrolments.tsx';
import { ProviderDetails, Providers } from './providers.tsx';
import { bindingsQuery, providersQuery, registrationsQuery } from './queries.ts';
import { RegistrationDetails } from './registration-details.tsx';

/** The agents that want to act for the person, those that do, and the providers that vouch for them. */
export function AgentsPage() {
  const api = useApi();
  const registrations = useQuery(registrationsQuery(api));
  const bindings = useQuery(bindingsQuery(api));
  const providers = useQuery(providersQuery(api));
  const opened = useOpened();
  const details = useDetails(opened);
  return (
    <Beside
      details={details}
      header={
        <PageHeader
          title="Agents"
          about="Software that acts for you, and software that wants to."
          waiting={registrations.data?.length}
        />
      }
    >
      <Loaded query={registrations} what="waiting agents">
        {(data) => <PendingEnrolments registrations={data} opened={opened} />}
      </Loaded>
      <Loaded query={bindings} what="agents">
        {(data) => <ActiveAgents agents={data.filter(({ revoked }) => !revoked)} opened={opened} />}
      </Loaded>
      <Loaded query={providers} what="agent providers">
        {(data) => <Providers providers={data} opened={opened} />}
      </Loaded>
      {bindings.data && <RevokedAgents agents={bindings.data.filter(({ revoked }) => revoked)} opened={opened} />}
    </Beside>
  );
}

function useDetails({ id, close }: Opened): DetailsProps | undefined {
  const api = useApi();
  const registration = useQuery(registrationsQuery(api)).data?.find((candidate) => candidate.id === id);
  const binding = useQuery(bindingsQuery(api)).data?.find((candidate) => candidate.agent_id === id);
  const provider = useQuery(providersQuery(api)).data?.find((candidate) => candidate.issuer === id);
  if (id === undefined) return undefined;
  const common = { id, onClose: close };
  if (registration) {
    const children = <RegistrationDetails registration={registration} />;
    return { ...common, title: <Said>{registration.agent_name}</Said>, children };
  }
  if (binding) {
    return { ...common, title: <Said>{binding.agent_name}</Said>, children: <BindingDetails binding={binding} /> };
  }
  if (provider) {
    const children = <ProviderDetails provider={provider} onRemoved={close} />;
    return { ...common, title: <Said>{provider.display_name}</Said>, children };
  }
  return undefined;
}
