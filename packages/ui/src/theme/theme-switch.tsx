import { Monitor, Moon, Sun } from 'lucide-react';
import { useState } from 'react';
import { chooseTheme, currentTheme, type Theme } from './theme.ts';
import styles from './theme-switch.module.css';

const choices: readonly { theme: Theme; icon: typeof Sun; words: string }[] = [
  { theme: 'system', icon: Monitor, words: 'as on this device' },
  { theme: 'light', icon: Sun, words: 'light' },
  { theme: 'dark', icon: Moon, words: 'dark' },
];

/** Light, dark, or as the device has it: each press goes on to the next. */
export function ThemeSwitch() {
  const [theme, setTheme] = useState(currentTheme);
  const at = choices.findIndex((choice) => choice.theme === theme);
  const { icon: Icon, words } = choices[at] ?? { icon: Monitor, words: '' };
  const next = choices[(at + 1) % choices.length];
  function advance() {
    if (!next) return;
    chooseTheme(next.theme);
    setTheme(next.theme);
  }
  return (
    <button
      type="button"
      className={styles.switch}
      aria-label={`Colours: ${words}. Change to ${next?.words}`}
      title={`Colours: ${words}`}
      onClick={advance}
    >
      <Icon size={18} aria-hidden="true" />
    </button>
  );
}
