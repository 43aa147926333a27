import { render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { useState } from 'react';
import { expect, test } from 'vitest';
import { Tabs } from './tabs.tsx';

const tabs = [
  { id: 'result', label: 'Result' },
  { id: 'reports', label: 'Reports' },
  { id: 'flow', label: 'On the wire' },
] as const;

function Run() {
  const [chosen, setChosen] = useState<(typeof tabs)[number]['id']>('result');
  return (
    <Tabs label="This run" tabs={tabs} chosen={chosen} onChoose={setChosen}>
      Content of {chosen}
    </Tabs>
  );
}

test('one tab is shown, and the arrow keys go round', async () => {
  const user = userEvent.setup();
  render(<Run />);
  const panel = () => screen.getByRole('tabpanel');
  expect(panel().textContent).toBe('Content of result');
  await user.click(screen.getByRole('tab', { name: 'Reports' }));
  expect(panel().textContent).toBe('Content of reports');
  await user.keyboard('{ArrowRight}');
  expect(document.activeElement).toBe(screen.getByRole('tab', { name: 'On the wire', selected: true }));
  await user.keyboard('{ArrowRight}');
  expect(panel().textContent).toBe('Content of result');
  await user.keyboard('{ArrowLeft}{Home}{End}');
  expect(panel().textContent).toBe('Content of flow');
  expect(panel().getAttribute('aria-labelledby')).toBe(screen.getByRole('tab', { selected: true }).id);
});

test('the tab key goes past the other tabs', async () => {
  const user = userEvent.setup();
  render(<Run />);
  await user.tab();
  expect(document.activeElement).toBe(screen.getByRole('tab', { name: 'Result' }));
  await user.tab();
  expect(document.activeElement).toBe(document.body);
});
