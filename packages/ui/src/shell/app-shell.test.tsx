import { render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { AppShell } from './app-shell.tsx';

const links = [
  { href: '/ui/agents', label: 'Agents', current: true },
  { href: '/ui/requests', label: 'Requests', current: false, waiting: 2 },
];

test('names the pages, the one that is open and what waits, and leaves other presses to the browser', async () => {
  const user = userEvent.setup();
  const go = vi.fn();
  render(
    <AppShell product="Person Server" home="/ui/agents" links={links} onNavigate={go} actions={null}>
      Content
    </AppShell>,
  );
  expect(screen.getByRole('link', { name: 'Agents' }).getAttribute('aria-current')).toBe('page');
  const requests = screen.getByRole('link', { name: 'Requests 2 waiting' });
  await user.click(requests);
  expect(go).toHaveBeenCalledExactlyOnceWith('/ui/requests');
  await user.keyboard('{Control>}');
  await user.click(requests);
  expect(go).toHaveBeenCalledTimes(1);
});

test('the menu of a narrow page says whether it is open, and closes with Escape', async () => {
  const user = userEvent.setup();
  render(
    <AppShell product="Person Server" home="/" links={links} onNavigate={() => {}} actions={null}>
      Content
    </AppShell>,
  );
  const menu = screen.getByRole('button', { name: /^Menu/ });
  expect(menu.getAttribute('aria-expanded')).toBe('false');
  await user.click(menu);
  expect(menu.getAttribute('aria-expanded')).toBe('true');
  await user.keyboard('{Escape}');
  expect(menu.getAttribute('aria-expanded')).toBe('false');
});
