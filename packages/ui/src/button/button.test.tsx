import { render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { Button } from './button.tsx';

test.each(['busy', 'disabled'] as const)('a %s button takes no press, and keeps the focus', async (state) => {
  const user = userEvent.setup();
  const press = vi.fn();
  const { rerender } = render(<Button onClick={press}>Approve</Button>);
  const button = screen.getByRole('button', { name: 'Approve' });
  await user.click(button);
  expect(press).toHaveBeenCalledTimes(1);
  rerender(
    <Button {...{ [state]: true }} onClick={press}>
      Approve
    </Button>,
  );
  await user.keyboard('{Enter}');
  expect(press).toHaveBeenCalledTimes(1);
  expect(document.activeElement).toBe(button);
  expect(button.getAttribute('aria-disabled')).toBe('true');
});

test('a busy submit button submits nothing', async () => {
  const user = userEvent.setup();
  const submit = vi.fn();
  render(
    <form action={submit}>
      <Button type="submit" busy>
        Sign in
      </Button>
    </form>,
  );
  await user.click(screen.getByRole('button'));
  expect(submit).not.toHaveBeenCalled();
});
