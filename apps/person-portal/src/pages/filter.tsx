import { useId } from 'react';
import styles from './filter.module.css';

export interface FilterProps<T extends string> {
  label: string;
  options: Readonly<Record<T, string>>;
  chosen: T;
  onChoose: (option: T) => void;
}

/** One of a few, side by side. */
export function Filter<T extends string>({ label, options, chosen, onChoose }: FilterProps<T>) {
  const name = useId();
  return (
    <fieldset className={styles.filter}>
      <legend className={styles.legend}>{label}</legend>
      {keysOf(options).map((option) => (
        <label key={option} className={styles.option}>
          <input
            className={styles.input}
            type="radio"
            name={name}
            checked={option === chosen}
            onChange={() => onChoose(option)}
          />
          <span className={styles.words}>{options[option]}</span>
        </label>
      ))}
    </fieldset>
  );
}

function keysOf<T extends string>(options: Readonly<Record<T, string>>): T[] {
  const keys: T[] = [];
  for (const key in options) keys.push(key);
  return keys;
}
