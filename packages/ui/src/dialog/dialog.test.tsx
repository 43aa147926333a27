import { render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { useState } from 'react';
import { expect, test } from 'vitest';
import { Button } from '../button/button.tsx';
import { Dialog } from './dialog.tsx';

function Page() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>Revoke</Button>
      {open && (
        <Dialog title="Revoke it?" onClose={() => setOpen(false)} actions={<Button>Do it</Button>}>
          Its next request is refused everywhere.
        </Dialog>
      )}
    </>
  );
}

test('is named by its title, and gives the focus back when it closes', async () => {
  const user = userEvent.setup();
  render(<Page />);
  await user.click(screen.getByRole('button', { name: 'Revoke' }));
  expect(screen.getByRole('dialog', { name: 'Revoke it?' }).textContent).toContain('refused everywhere');
  await user.click(screen.getByRole('button', { name: 'Close' }));
  expect(screen.queryByRole('dialog')).toBeNull();
  expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Revoke' }));
});
