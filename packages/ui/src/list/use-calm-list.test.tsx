import { render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { useCalmList } from './use-calm-list.ts';

function List({ items }: { items: readonly string[] }) {
  const { lines, fresh, showFresh, hold } = useCalmList(items, (item) => item);
  return (
    <>
      <ul {...hold}>
        {lines.map(({ item, gone, arrived }) => (
          <li key={item}>
            <button type="button">
              {item}
              {gone && ' gone'}
              {arrived && ' new'}
            </button>
          </li>
        ))}
      </ul>
      {fresh > 0 && (
        <button type="button" onClick={showFresh}>
          {`show ${fresh}`}
        </button>
      )}
    </>
  );
}

const lines = () => screen.getAllByRole('listitem').map((line) => line.textContent);

test('follows what comes and goes while nobody is on it', () => {
  const { rerender } = render(<List items={['a', 'b']} />);
  rerender(<List items={['c', 'b']} />);
  expect(lines()).toEqual(['c new', 'b']);
});

test('changes nothing under the pointer: new lines wait, old ones stay', async () => {
  const user = userEvent.setup();
  const { rerender } = render(<List items={['a', 'b']} />);
  await user.hover(screen.getByText('b'));
  rerender(<List items={['c', 'b']} />);
  expect(lines()).toEqual(['a gone', 'b']);
  expect(screen.getByText('show 1')).toBeDefined();
  await user.unhover(screen.getByText('b'));
  await user.hover(document.body);
  expect(lines()).toEqual(['c new', 'b']);
});

test('shows what waits when it is asked to', async () => {
  const user = userEvent.setup();
  const { rerender } = render(<List items={['a']} />);
  screen.getByText('a').focus();
  rerender(<List items={['b', 'a']} />);
  expect(lines()).toEqual(['a']);
  await user.click(screen.getByText('show 1'));
  expect(lines()).toEqual(['b new', 'a']);
});
