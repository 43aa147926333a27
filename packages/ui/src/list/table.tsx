import type { ReactNode } from 'react';
import styles from './table.module.css';

export interface Column<T> {
  name: string;
  cell: (row: T) => ReactNode;
  /** Its cells are numbers, to be compared with those above and below. */
  numeric?: boolean;
}

export interface TableProps<T> {
  /** What is in it. */
  label: string;
  /** The first is what the row is called by. */
  columns: readonly [Column<T>, ...Column<T>[]];
  rows: readonly T[];
  keyOf: (row: T) => string;
}

/** Rows of equal things. On a narrow page each row becomes a block, its cells named. */
export function Table<T>({ label, columns, rows, keyOf }: TableProps<T>) {
  const [first, ...others] = columns;
  return (
    <table className={styles.table} aria-label={label}>
      <thead className={styles.head}>
        <tr>
          {columns.map(({ name, numeric }) => (
            <th key={name} scope="col" className={numeric ? styles.numeric : undefined}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={keyOf(row)}>
            <th scope="row">{first.cell(row)}</th>
            {others.map(({ name, cell, numeric }) => (
              <td key={name} className={numeric ? styles.numeric : undefined}>
                <span className={styles.name} aria-hidden="true">
                  {name}
                </span>
                <span>{cell(row)}</span>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
