import { Button, Dialog, TextField, useAnnounce } from '@aauth-stack/ui';
import { type FormEvent, useId, useState } from 'react';
import { trustedAgentServerSchema } from '../api/agents.ts';
import { useApi } from '../api/api.ts';
import styles from '../pages/details.module.css';
import { Problem } from '../pages/problem.tsx';
import { useChange } from '../pages/use-change.ts';

/** Asks for a provider's identifier; the Person Server reads its metadata and keys before it trusts it. */
export function AddProvider({ onClose }: { onClose: () => void }) {
  const api = useApi();
  const announce = useAnnounce();
  const formId = useId();
  const [issuer, setIssuer] = useState('');
  const [name, setName] = useState('');
  const add = useChange(async () => {
    const body = { issuer: issuer.trim(), ...(name.trim() !== '' && { display_name: name.trim() }) };
    const added = await api.changeAndRead(
      '/person/trusted-agent-servers',
      { method: 'POST', body },
      trustedAgentServerSchema,
    );
    announce(`Added ${added.display_name}.`);
    onClose();
  }, ['providers', 'activity']);

  function submit(event: FormEvent) {
    event.preventDefault();
    if (!add.isPending) add.mutate(undefined);
  }

  return (
    <Dialog
      title="Add an agent provider"
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={formId} look="primary" busy={add.isPending}>
            Add this provider
          </Button>
        </>
      }
    >
      <form id={formId} className={styles.form} onSubmit={submit}>
        <p>Agents that it vouches for may then ask to act for you. Each of them still waits for your approval.</p>
        <TextField
          label="Identifier"
          placeholder="https://agents.example"
          required
          autoFocus
          inputMode="url"
          autoComplete="off"
          spellCheck={false}
          value={issuer}
          onChange={(event) => setIssuer(event.target.value)}
          hint="Its origin: https and a host, nothing else."
        />
        <TextField
          label="What you call it"
          autoComplete="off"
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.target.value)}
          hint="Left empty: what it calls itself."
        />
        {add.error && <Problem title="The provider was not added" error={add.error} />}
      </form>
    </Dialog>
  );
}
