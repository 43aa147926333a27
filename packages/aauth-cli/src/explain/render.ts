import { indent, isoTime } from '../terminal/format.ts';
import type { Paint } from '../terminal/terminal.ts';
import type { Step, StepToken } from './step.ts';

const timeClaims = ['iat', 'exp', 'nbf'];

/** A step as text. */
export function renderStep(step: Step, paint: Paint): string {
  const { request, response } = step;
  const lines = [paint('bold', `${step.step}. ${step.what}`), `> ${request.method} ${request.url}`];
  if (request.signature) {
    const { scheme, covers, created, token, parameters } = request.signature;
    const when = created === undefined ? '' : `, created ${isoTime(created)}`;
    lines.push(`> signed (scheme ${scheme}${when}), covering ${covers.join(' ')}`);
    if (token) lines.push(...renderToken(token, '> presenting the', paint));
    else if (parameters) lines.push(`> with ${JSON.stringify(parameters)}`);
  }
  lines.push(...renderBody('>', request.body, request.tokens, paint));
  lines.push(
    `< ${paint(response.status < 300 ? 'green' : response.status < 400 ? 'yellow' : 'red', `${response.status}`)}`,
  );
  if (response.requirement) {
    const { requirement, parameters } = response.requirement;
    const shown = Object.entries(parameters).map(([name, value]) => `; ${name}="${value}"`);
    lines.push(`< requires: ${paint('cyan', requirement)}${shown.join('')}`);
  }
  for (const [name, value] of Object.entries(response.headers)) lines.push(`< ${name}: ${value}`);
  lines.push(...renderBody('<', response.body, response.tokens, paint));
  return indent(lines.join('\n'), 2).trimStart();
}

/** A token decoded, its times in words. */
export function renderClaims(claims: Readonly<Record<string, unknown>>): string {
  const members = Object.entries(claims).map(([name, value]) => {
    const comment = timeClaims.includes(name) && typeof value === 'number' ? `  (${isoTime(value)})` : '';
    return `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}${comment}`;
  });
  return members.join('\n');
}

function renderToken(token: StepToken, intro: string, paint: Paint): string[] {
  if ('as_in_step' in token) return [`${intro} ${token.kind} of step ${token.as_in_step}`];
  return [
    `${intro} ${paint('cyan', token.kind)}`,
    indent(renderClaims(token.header), 6),
    paint('dim', '      ·'),
    indent(renderClaims(token.claims), 6),
  ];
}

function renderBody(
  direction: string,
  body: unknown,
  tokens: Readonly<Record<string, StepToken>>,
  paint: Paint,
): string[] {
  const isEmpty = body === undefined || (typeof body === 'object' && body !== null && Object.keys(body).length === 0);
  const text = isEmpty ? '' : typeof body === 'string' ? body : JSON.stringify(body);
  return [
    ...(text === '' ? [] : [`${direction} ${text}`]),
    ...Object.entries(tokens).flatMap(([name, token]) => renderToken(token, `${direction} ${name}:`, paint)),
  ];
}
