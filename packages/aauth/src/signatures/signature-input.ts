import { type InnerList, isInnerList, serializeInnerList } from 'structured-headers';
import { SignatureError } from '../errors.ts';
import { parseSignatureDictionary, quoted } from './structured-field.ts';

// The label and the parameters that almost every request has, spelled as they are serialised: then the text of the member is what
// enters the signature base. The general parser takes the field character by character, and writes it out again.
const name = '[ !#-[\\]-~]*';
const time = '(0|[1-9]\\d{0,14})';
const usualMember = new RegExp(
  `^sig=(\\("(${name}(?:" "${name})*)"\\);created=${time}(?:;expires=${time})?(?:;nonce="${name}")?)$`,
);

/** One member of `Signature-Input` (RFC 9421 §4.1). */
export interface SignatureInput {
  readonly label: string;
  /** Covered component names in order. */
  readonly components: readonly string[];
  /** Seconds since the epoch. */
  readonly created: number | undefined;
  /** Seconds since the epoch. */
  readonly expires: number | undefined;
  /**
   * The member serialised, as it stands in the signature base. It has the parameters that decide nothing here too: `alg`,
   * `keyid`, `nonce`, `tag`.
   */
  readonly signatureParams: string;
}

/**
 * Parses `Signature-Input` and takes the member to verify: `sig` if there is one, else the only one.
 * RFC 9421 §4.1; AAuth Protocol, "Signature Parameters".
 *
 * @param header the field value, repeated lines joined with `, `
 * @param required what the verifier requires, for the `required_input` of a refusal
 * @returns the member, nothing of it verified
 * @throws SignatureError `invalid_signature` when the header is malformed or repeats a key, or when `created` or `expires` is no
 * integer; `invalid_input` for several labels without `sig` and for a component that is covered twice or has parameters
 */
export function parseSignatureInput(header: string, required: readonly string[]): SignatureInput {
  const [, signatureParams, names = '', created, expires] = usualMember.exec(header) ?? [];
  if (signatureParams === undefined) return parseAnySignatureInput(header, required);
  return {
    label: 'sig',
    components: distinct(names.split('" "'), required),
    created: Number(created),
    expires: expires === undefined ? undefined : Number(expires),
    signatureParams,
  };
}

/** {@link parseSignatureInput} for every form of the header. */
export function parseAnySignatureInput(header: string, required: readonly string[]): SignatureInput {
  const members = parseSignatureDictionary('Signature-Input', header);
  const [onlyLabel] = members.size === 1 ? members.keys() : [];
  const label = members.has('sig') ? 'sig' : onlyLabel;
  if (label === undefined) {
    const labels = [...members.keys()].map(quoted).slice(0, 8).join(', ');
    throw invalidInput(labels ? `None of the labels ${labels} is "sig".` : 'Signature-Input is empty.', required);
  }
  const member = members.get(label);
  if (!member || !isInnerList(member)) {
    throw new SignatureError(
      'invalid_signature',
      `The member ${quoted(label)} of Signature-Input is not a list of components.`,
    );
  }
  return {
    label,
    components: coveredComponents(member, required),
    created: seconds(member, 'created'),
    expires: seconds(member, 'expires'),
    signatureParams: serializeInnerList(member),
  };
}

/** The signature covers the wrong components; the header says which ones are required. */
export function invalidInput(detail: string, required: readonly string[], cause?: unknown): SignatureError {
  return new SignatureError('invalid_input', detail, { requiredInput: required, cause });
}

function coveredComponents([items]: InnerList, required: readonly string[]): readonly string[] {
  const names = items.map(([name, parameters]) => {
    if (typeof name !== 'string') throw invalidInput('A covered component is named by a string.', required);
    // Each of them changes what the value is. None is needed here, and one that is ignored would cover something else.
    if (parameters.size > 0) throw invalidInput(`${quoted(name)} has parameters; none is supported.`, required);
    return name;
  });
  return distinct(names, required);
}

function distinct(names: readonly string[], required: readonly string[]): readonly string[] {
  const seen = new Set(names);
  if (seen.size === names.length) return names;
  const twice = names.find((name) => !seen.delete(name)) ?? '';
  throw invalidInput(`${quoted(twice)} is covered twice.`, required);
}

function seconds([, parameters]: InnerList, name: 'created' | 'expires'): number | undefined {
  const value = parameters.get(name);
  if (value === undefined || (typeof value === 'number' && Number.isInteger(value))) return value;
  throw new SignatureError('invalid_signature', `The parameter "${name}" is not a whole number of seconds.`);
}
