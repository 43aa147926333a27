import { render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, expect, test } from 'vitest';
import { ThemeSwitch } from './theme-switch.tsx';

afterEach(() => {
  localStorage.clear();
  delete document.documentElement.dataset.theme;
});

test('goes from the device to light to dark and back, and remembers', async () => {
  const user = userEvent.setup();
  render(<ThemeSwitch />);
  const button = screen.getByRole('button', { name: 'Colours: as on this device. Change to light' });
  await user.click(button);
  expect(document.documentElement.dataset.theme).toBe('light');
  expect(localStorage.getItem('theme')).toBe('light');
  await user.click(button);
  expect(document.documentElement.dataset.theme).toBe('dark');
  await user.click(button);
  expect(document.documentElement.dataset.theme).toBeUndefined();
  expect(localStorage.getItem('theme')).toBeNull();
});

test('what was chosen before is there before the page is', async () => {
  localStorage.setItem('theme', 'dark');
  await import('./apply-chosen-theme.ts');
  expect(document.documentElement.dataset.theme).toBe('dark');
  render(<ThemeSwitch />);
  expect(screen.getByRole('button', { name: /^Colours: dark/ })).toBeDefined();
});
