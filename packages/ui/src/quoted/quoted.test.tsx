import { render, screen, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { Meaning } from '../meaning/meaning.tsx';
import { Quoted } from './quoted.tsx';

test('whose words they are is said, and looks different for each party', () => {
  render(
    <>
      <Quoted by="agent">I have to read stock.</Quoted>
      <Quoted by="resource">Reads stock.</Quoted>
    </>,
  );
  const agent = screen.getByRole('figure', { name: 'The agent says' });
  const resource = screen.getByRole('figure', { name: 'The resource says' });
  expect(within(agent).getByRole('blockquote').textContent).toBe('I have to read stock.');
  expect(agent.className).not.toBe(resource.className);
});

test('a meaning is told by a sign and a word, not by colour alone', () => {
  const { container } = render(<Meaning of="refusal">Denied</Meaning>);
  expect(container.textContent).toBe('Denied');
  expect(container.querySelector('svg')?.getAttribute('aria-hidden')).toBe('true');
});
