import { parseDictionary, serializeDictionary, Token } from 'structured-headers';
import { findRepeatedKey } from './structured-fields.ts';

/**
 * What a server may require of an agent (AAuth Protocol, "Requirement Values"), and the parameters each one carries.
 */
const definedParameters = {
  'agent-token': [],
  'person-token': [],
  'auth-token': ['resource-token'],
  interaction: ['url', 'code'],
  approval: [],
  clarification: [],
  claims: [],
} as const satisfies Record<string, readonly string[]>;

/** A requirement that this version knows. Others are an extension point: they parse, and an agent surfaces them as an error. */
export type KnownRequirement = keyof typeof definedParameters;

/** The content of an `AAuth-Requirement` header. */
export interface Requirement {
  /** The requirement token, known or not: see {@link isKnownRequirement}. */
  readonly requirement: string;
  /** `resource-token` with `auth-token`, `url` and `code` with `interaction`; parameters that no text defines are left out. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** What {@link formatRequirement} takes: the parameters are those of the requirement, all of them. */
export type RequirementInit = {
  [Name in KnownRequirement]: (typeof definedParameters)[Name] extends readonly []
    ? { readonly requirement: Name; readonly parameters?: Readonly<Record<string, never>> }
    : {
        readonly requirement: Name;
        readonly parameters: Readonly<Record<(typeof definedParameters)[Name][number], string>>;
      };
}[KnownRequirement];

/**
 * Whether an agent of this version can know what to do. An unknown requirement must be surfaced as an error and never be
 * treated as satisfiable; on a 202 the agent may go on polling (AAuth Protocol, "Requirement Values").
 * Never throws.
 *
 * @param requirement of {@link parseRequirement}
 * @returns whether it is one of those that this version knows
 */
export function isKnownRequirement(requirement: string): requirement is KnownRequirement {
  return Object.hasOwn(definedParameters, requirement);
}

/**
 * Reads an `AAuth-Requirement` header: a Dictionary whose member `requirement` is a Token, with parameters on that member
 * (AAuth Protocol, "AAuth-Requirement Header Structure"). Other members and undefined parameters are ignored, so the older
 * form `requirement=auth-token, resource-token="…"` yields a requirement without a resource token. Does not check that the
 * parameters which the requirement needs are there, nor what they contain.
 * Never throws.
 *
 * @param header the field value, repeated lines joined with `, `
 * @returns `undefined` when there is no header, or it is malformed: it does not parse, repeats a key, has no Token as
 *   `requirement`, or gives a defined parameter another type than String. A malformed structured field counts as absent
 *   (RFC 9651 §4.2), so the response stands for itself.
 */
export function parseRequirement(header: string | null): Requirement | undefined {
  if (header === null || findRepeatedKey(header) !== undefined) return undefined;
  const member = parseMember(header);
  if (!member) return undefined;
  const { requirement, values } = member;
  const parameters: Record<string, string> = {};
  for (const name of isKnownRequirement(requirement) ? definedParameters[requirement] : []) {
    const value = values.get(name);
    if (value === undefined) continue;
    if (typeof value !== 'string') return undefined;
    parameters[name] = value;
  }
  return { requirement, parameters };
}

/**
 * Writes an `AAuth-Requirement` header, parameters on the `requirement` member.
 * AAuth Protocol, "AAuth-Requirement Header Structure".
 *
 * @param init the requirement, with the parameters it has to have
 * @returns the field value
 * @throws `SerializeError` when a parameter holds anything but visible ASCII and spaces
 */
export function formatRequirement(init: RequirementInit): string {
  const parameters = new Map(Object.entries(init.parameters ?? {}));
  return serializeDictionary(new Map([['requirement', [new Token(init.requirement), parameters]]]));
}

function parseMember(header: string): { requirement: string; values: ReadonlyMap<string, unknown> } | undefined {
  try {
    const [value, values] = parseDictionary(header).get('requirement') ?? [];
    return value instanceof Token && values ? { requirement: value.toString(), values } : undefined;
  } catch {
    return undefined;
  }
}
