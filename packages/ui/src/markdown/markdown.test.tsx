import { render } from '@testing-library/react';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Markdown } from './markdown.tsx';

function html(text: string, options: { links?: boolean; headings?: 2 | 3 | 4 } = {}): HTMLElement {
  return render(<Markdown {...options}>{text}</Markdown>).container;
}

test('renders emphasis, lists, code and tables', () => {
  const container = html('**Buy** `12` laptops\n\n- now\n- later\n\n| item | price |\n|---|---|\n| Laptop | 900 |');
  expect(container.querySelector('strong')?.textContent).toBe('Buy');
  expect(container.querySelectorAll('li')).toHaveLength(2);
  expect(container.querySelector('td')?.textContent).toBe('Laptop');
});

test('leaves out HTML and pictures', () => {
  const container = html(
    '<script>alert(1)</script><b>bold</b> ![](https://tracker.example/x.png) <img src=x onerror=alert(1)>',
  );
  expect(container.querySelectorAll('script, b, img, iframe, form, style')).toHaveLength(0);
});

test('shows where a link leads instead of leading there, unless links are wanted', () => {
  const text = '[your bank](https://evil.example/sign-in)';
  expect(html(text).querySelector('a')).toBeNull();
  expect(html(text).textContent).toContain('https://evil.example/sign-in');
  const link = html(text, { links: true }).querySelector('a');
  expect(link?.getAttribute('href')).toBe('https://evil.example/sign-in');
  expect(link?.rel).toBe('noopener noreferrer');
});

test('a heading of a stranger is none of the page, unless the page says where it belongs', () => {
  expect(html('# You approved').querySelector('h1, h2, h3, h4, h5, h6')).toBeNull();
  expect(html('# Report\n\n## Part', { headings: 3 }).querySelector('h4')?.textContent).toBe('Part');
});

test('whatever the text is, only harmless elements and addresses come of it', () => {
  const pieces = fc.constantFrom(
    '<script>',
    '<img src=x onerror=y>',
    '[a](javascript:alert(1))',
    '[a](java\nscript:alert(1))',
    '<javascript:alert(1)>',
    '[x]: data:text/html,y',
    '![p](data:image/svg+xml,z)',
    '[a][x]',
    '`',
    '**',
    '\n\n',
    '<a href="javascript:1">',
    'https://ok.example',
    '> ',
    '| a |\n|-|\n',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(pieces, fc.string()), { maxLength: 12 }), (parts) => {
      const container = html(parts.join(''), { links: true });
      expect(container.querySelectorAll('script, img, iframe, object, form, input, style, svg')).toHaveLength(0);
      for (const link of container.querySelectorAll('a')) {
        expect(link.getAttribute('href') ?? '').not.toMatch(/^\s*(?:javascript|data|vbscript|file):/i);
      }
      for (const element of container.querySelectorAll('*')) {
        expect([...element.attributes].filter(({ name }) => name.startsWith('on'))).toEqual([]);
      }
    }),
    { numRuns: 60 },
  );
});
