import type { ComponentProps } from 'react';
import ReactMarkdown from 'react-markdown';
import remarkGfm from 'remark-gfm';
import styles from './markdown.module.css';

export interface MarkdownProps {
  children: string;
  /** Whether links can be followed. Without, a link is shown as its text and where it leads. */
  links?: boolean;
  /** The level that the text's first heading gets. Without, headings are paragraphs in bold. */
  headings?: 2 | 3 | 4;
}

type Components = NonNullable<ComponentProps<typeof ReactMarkdown>['components']>;

const plugins = [remarkGfm];
const levels = ['h1', 'h2', 'h3', 'h4', 'h5', 'h6'] as const;
// Pictures and raw HTML are left out: a picture tells its server who reads this, and when.
const unwanted = ['img', 'input'];

/** Markdown of others, made harmless: no HTML, no pictures, no addresses but http, https and mailto. */
export function Markdown({ children, links = false, headings }: MarkdownProps) {
  const components: Components = { ...headingComponents(headings), a: links ? Link : Address, table: ScrollingTable };
  return (
    <div className={styles.markdown}>
      <ReactMarkdown remarkPlugins={plugins} disallowedElements={unwanted} skipHtml components={components}>
        {children}
      </ReactMarkdown>
    </div>
  );
}

function headingComponents(first: MarkdownProps['headings']): Components {
  return Object.fromEntries(
    levels.map((name, depth) => {
      const level = first === undefined ? undefined : levels[Math.min(first - 1 + depth, levels.length - 1)];
      const Tag = level ?? 'p';
      return [name, ({ children }: ComponentProps<'h1'>) => <Tag className={styles.heading}>{children}</Tag>];
    }),
  );
}

function Link({ href, children }: ComponentProps<'a'>) {
  return (
    <a href={href} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}

function Address({ href, children }: ComponentProps<'a'>) {
  return (
    <span>
      {children}{' '}
      {href && href !== children && href !== `mailto:${children}` && <code className={styles.address}>{href}</code>}
    </span>
  );
}

function ScrollingTable({ children }: ComponentProps<'table'>) {
  return (
    <section className={styles.scroll} aria-label="Table">
      <table>{children}</table>
    </section>
  );
}
