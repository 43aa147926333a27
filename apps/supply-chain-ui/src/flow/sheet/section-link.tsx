import { ExternalLink } from 'lucide-react';
import type { Section } from '../words/sections.ts';
import styles from './parts.module.css';

/** Where the draft, or the RFC, says so. */
export function SectionLink({ section: { title, url } }: { section: Section }) {
  return (
    <a className={styles.section} href={url} target="_blank" rel="noreferrer">
      {title} <ExternalLink size={12} aria-label="(opens in a new tab)" />
    </a>
  );
}
