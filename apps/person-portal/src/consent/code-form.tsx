import { Button, TextField } from '@aauth-stack/ui';
import { type FormEvent, useState } from 'react';
import { useLocation } from 'wouter';
import styles from './consent-page.module.css';

/** For whoever reads the code from another screen. */
export function CodeForm() {
  const [code, setCode] = useState('');
  const [, navigate] = useLocation();
  function submit(event: FormEvent) {
    event.preventDefault();
    if (code.trim() !== '') navigate(`/consent?${new URLSearchParams({ code: code.trim() })}`);
  }
  return (
    <form className={styles.code} onSubmit={submit}>
      <h1 className={styles.title}>Which request?</h1>
      <TextField
        label="Code"
        required
        autoComplete="off"
        autoCapitalize="characters"
        spellCheck={false}
        placeholder="K7PL-3BQ9"
        value={code}
        onChange={(event) => setCode(event.target.value)}
        hint="As the agent shows it. Hyphens and lower case do not matter."
      />
      <Button type="submit" look="primary" size="large">
        Show the request
      </Button>
    </form>
  );
}
