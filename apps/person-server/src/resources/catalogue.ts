import type { Clock } from '@aauth-stack/aauth/clock';
import type { Discovery } from '@aauth-stack/aauth/discovery';
import { AAuthError } from '@aauth-stack/aauth/errors';
import { type IdentifierPolicy, parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { metadataDocuments } from '@aauth-stack/aauth/tokens';
import type { Logger } from '@aauth-stack/service/logger';
import { inArray } from 'drizzle-orm';
import type { Database } from '../db/database.ts';
import { toDate } from '../db/dates.ts';
import { resourceDescriptions } from '../db/schema.ts';
import { describeResource, type ResourceDescription } from './description.ts';

/** Seconds after which a description is read anew, or tried again. */
const freshFor = 300;
const triedAgainAfter = 30;
const mostRemembered = 10_000;

export interface DescribedResource extends ResourceDescription {
  readonly readAt: Date;
}

/**
 * What resources publish of themselves, kept in the database: it is there for every replica, and while a resource is away what
 * it said last is.
 */
export interface ResourceCatalogue {
  /** What is known of resources now, by issuer. */
  known(issuers: readonly string[]): Promise<ReadonlyMap<string, DescribedResource>>;
  /** As {@link known}, but what is not known is read first where that can be done at once. */
  describe(issuers: readonly string[]): Promise<ReadonlyMap<string, DescribedResource>>;
  /** Reads in the background what is not known or has become old. */
  refresh(issuers: readonly string[]): void;
  /** Resolves when nothing is being read any more. */
  close(): Promise<void>;
}

export interface ResourceCatalogueOptions {
  db: Database;
  discovery: Pick<Discovery, 'metadata'>;
  identifiers: IdentifierPolicy;
  now: Clock;
  log: Logger;
}

export function createResourceCatalogue(options: ResourceCatalogueOptions): ResourceCatalogue {
  const { db, discovery, identifiers, now, log } = options;
  const tried = new Map<string, number>();
  const underWay = new Map<string, Promise<void>>();

  const known = async (issuers: readonly string[]) => {
    const wanted = [...new Set(issuers)];
    if (wanted.length === 0) return new Map<string, DescribedResource>();
    const rows = await db.select().from(resourceDescriptions).where(inArray(resourceDescriptions.resource, wanted));
    return new Map(rows.map(({ resource, description, readAt }) => [resource, { ...description, readAt }]));
  };

  async function read(issuer: string): Promise<void> {
    try {
      const identifier = parseServerIdentifier(issuer, identifiers);
      const metadata = await discovery.metadata(identifier, metadataDocuments.resource);
      const values = { description: describeResource(metadata, identifiers), readAt: toDate(now()) };
      await db
        .insert(resourceDescriptions)
        .values({ resource: issuer, ...values })
        .onConflictDoUpdate({ target: resourceDescriptions.resource, set: values });
    } catch (error) {
      if (error instanceof AAuthError) log.info({ resource: issuer, err: error }, `${issuer} could not be described`);
      else log.error({ resource: issuer, err: error }, `the description of ${issuer} could not be kept`);
    }
  }

  function readOnce(issuer: string): Promise<void> {
    const running = underWay.get(issuer);
    if (running) return running;
    if (now() < (tried.get(issuer) ?? 0) + triedAgainAfter) return Promise.resolve();
    if (tried.size >= mostRemembered) tried.clear();
    tried.set(issuer, now());
    const reading = read(issuer).finally(() => underWay.delete(issuer));
    underWay.set(issuer, reading);
    return reading;
  }

  const isOld = (described: DescribedResource | undefined) =>
    !described || described.readAt.getTime() / 1000 + freshFor <= now();

  async function readOld(issuers: readonly string[]): Promise<void> {
    const descriptions = await known(issuers);
    await Promise.all(issuers.filter((issuer) => isOld(descriptions.get(issuer))).map(readOnce));
  }

  return {
    known,
    describe: async (issuers) => {
      const descriptions = await known(issuers);
      const missing = issuers.filter((issuer) => !descriptions.has(issuer));
      await Promise.all(missing.map(readOnce));
      for (const issuer of issuers) if (isOld(descriptions.get(issuer))) void readOnce(issuer);
      return missing.length === 0 ? descriptions : known(issuers);
    },
    refresh: (issuers) => {
      const wanted = [...new Set(issuers)];
      readOld(wanted).catch((error: unknown) => log.error({ err: error }, 'descriptions of resources cannot be read'));
    },
    close: async () => {
      await Promise.all(underWay.values());
    },
  };
}
