import { asc, eq, gt, inArray } from 'drizzle-orm';
import type { Queries } from '../db/database.ts';
import { departments, laptopMix, laptopModels } from '../db/schema.ts';
import { type PageRequest, readCursor, toPage } from '../mcp/paging.ts';

export type Department = typeof departments.$inferSelect;

export function departmentUri(name: string): string {
  return `inventory://departments/${encodeURIComponent(name)}`;
}

/** A page of the departments. */
export async function listDepartments(db: Queries, { cursor, limit }: PageRequest) {
  const rows = await db
    .select()
    .from(departments)
    .where(gt(departments.position, readCursor(cursor) ?? 0))
    .orderBy(asc(departments.position))
    .limit(limit + 1);
  return toPage(rows, limit, ({ position }) => position);
}

export async function findDepartment(db: Queries, name: string): Promise<Department | undefined> {
  const [row] = await db.select().from(departments).where(eq(departments.name, name));
  return row;
}

/** Which models the new laptops of departments are, in whole percent. */
export async function laptopMixOf(db: Queries, names: readonly string[]) {
  const rows = await db
    .select({ department: laptopMix.department, model: laptopMix.model, share_percent: laptopMix.sharePercent })
    .from(laptopMix)
    .innerJoin(laptopModels, eq(laptopModels.name, laptopMix.model))
    .where(inArray(laptopMix.department, [...names]))
    .orderBy(asc(laptopModels.position));
  const shares = Map.groupBy(rows, ({ department }) => department);
  return (name: string) => (shares.get(name) ?? []).map(({ model, share_percent }) => ({ model, share_percent }));
}
