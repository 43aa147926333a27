import { Menu, X } from 'lucide-react';
import { type MouseEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { classes } from '../classes.ts';
import { VisuallyHidden } from '../text/visually-hidden.tsx';
import styles from './app-shell.module.css';

export interface ShellLink {
  href: string;
  label: string;
  /** How many things wait there. */
  waiting?: number;
  current: boolean;
}

export interface AppShellProps {
  /** Whose page this is: "Person Server". */
  product: ReactNode;
  home: string;
  links: readonly ShellLink[];
  onNavigate: (href: string) => void;
  actions: ReactNode;
  /** News about the page itself, above everything: that the server does not answer. */
  banner?: ReactNode;
  children: ReactNode;
}

/** Header with the places to go, then the content. On a narrow page the places are behind a button. */
export function AppShell({ product, home, links, onNavigate, actions, banner, children }: AppShellProps) {
  const [open, setOpen] = useState(false);
  const menuId = useId();
  const menuButton = useRef<HTMLButtonElement>(null);
  const waiting = links.reduce((sum, link) => sum + (link.waiting ?? 0), 0);

  useEffect(() => {
    if (!open) return;
    const close = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      setOpen(false);
      menuButton.current?.focus();
    };
    document.addEventListener('keydown', close);
    return () => document.removeEventListener('keydown', close);
  }, [open]);

  function follow(event: MouseEvent, href: string) {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    setOpen(false);
    onNavigate(href);
  }

  return (
    <>
      <a className={styles.skip} href="#content">
        Skip to the content
      </a>
      <header className={styles.header}>
        <div className={styles.bar}>
          <a className={styles.product} href={home} onClick={(event) => follow(event, home)}>
            <span className={styles.mark}>AAuth</span> <span className={styles.name}>{product}</span>
          </a>
          <nav className={classes(styles.nav, open && styles.open)} id={menuId} aria-label="Pages">
            <ul className={styles.links}>
              {links.map(({ href, label, waiting: count, current }) => (
                <li key={href}>
                  <a
                    className={styles.link}
                    href={href}
                    aria-current={current ? 'page' : undefined}
                    onClick={(event) => follow(event, href)}
                  >
                    {label} <Waiting count={count} />
                  </a>
                </li>
              ))}
            </ul>
          </nav>
          <div className={styles.actions}>
            {actions}
            <button
              ref={menuButton}
              type="button"
              className={styles.menu}
              aria-expanded={open}
              aria-controls={menuId}
              onClick={() => setOpen(!open)}
            >
              {open ? <X size={18} aria-hidden="true" /> : <Menu size={18} aria-hidden="true" />}
              <span>Menu</span>
              <Waiting count={waiting} />
            </button>
          </div>
        </div>
      </header>
      {banner}
      <main className={styles.main} id="content" tabIndex={-1}>
        {children}
      </main>
    </>
  );
}

function Waiting({ count }: { count: number | undefined }) {
  if (!count) return null;
  return (
    <span className={styles.waiting}>
      {count}
      <VisuallyHidden> waiting</VisuallyHidden>
    </span>
  );
}
