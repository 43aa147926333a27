import { render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { Announcer } from '../live/announcer.tsx';
import { Identifier } from './identifier.tsx';

const value = 'aauth:backend-app.a1b27f3c@agent-provider.localhost:8766';

test('is short, shows the whole on focus and hides it with Escape, and copies the whole', async () => {
  const user = userEvent.setup();
  render(
    <Announcer>
      <Identifier value={value} label="agent identifier" />
    </Announcer>,
  );
  const short = 'aauth:backend-…7f3c@agent-provider.localhost:8766';
  const button = screen.getByRole('button', { name: `${short}: copy the agent identifier` });
  expect(button.textContent).toBe(short);
  await user.tab();
  expect(screen.getByRole('tooltip').textContent).toBe(value);
  expect(button.getAttribute('aria-describedby')).toBe(screen.getByRole('tooltip').id);
  await user.keyboard('{Escape}');
  expect(screen.queryByRole('tooltip')).toBeNull();
  await user.keyboard('{Enter}');
  expect(await navigator.clipboard.readText()).toBe(value);
  expect(screen.getByRole('status').textContent).toBe('Copied the agent identifier.');
});

test('says so when the browser does not let it copy', async () => {
  const user = userEvent.setup();
  render(
    <Announcer>
      <Identifier value={value} label="agent identifier" />
    </Announcer>,
  );
  vi.spyOn(navigator.clipboard, 'writeText').mockRejectedValue(new Error('not allowed'));
  await user.click(screen.getByRole('button'));
  expect(screen.getByRole('status').textContent).toMatch(/Select the agent identifier and copy it/);
  expect(screen.getByRole('tooltip').textContent).toBe(value);
});
