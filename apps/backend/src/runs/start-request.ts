import { z } from 'zod';

/** Body of `POST /optimization/start`. Unknown members are ignored; `prompt` is an alias of `custom_prompt`. */
export const startRequestSchema = z.object({
  optimization_type: z.string().max(200).default('laptop_supply_chain').describe('What to optimize.'),
  scenario: z.string().max(200).nullish().describe('Wins over optimization_type.'),
  custom_prompt: z.string().max(20_000).nullish().describe('What to ask the supply-chain agent, in words.'),
  prompt: z.string().max(20_000).nullish().describe('Alias of custom_prompt.'),
  parameters: z.record(z.string(), z.unknown()).nullish(),
  constraints: z
    .union([z.array(z.string()), z.record(z.string(), z.unknown())])
    .nullish()
    .describe('A list of sentences, or an object whose entries become "key: value".'),
  priority: z.string().max(200).nullish(),
});

export type StartRequest = z.infer<typeof startRequestSchema>;

/** The words that the person typed, if there are any. */
export function promptOf({ custom_prompt, prompt }: StartRequest): string | undefined {
  return custom_prompt?.trim() || prompt?.trim() || undefined;
}

/** The words that go to the supply-chain agent. */
export function messageFor(request: StartRequest): string {
  const custom = promptOf(request);
  const type = (request.scenario || request.optimization_type).replaceAll('_', ' ');
  const ask = custom ? custom.replace(/\.$/, '') : `Please optimize the ${type}`;
  const constraints = constraintList(request.constraints);
  const sentences = [
    constraints.length > 0 ? `${ask} with the following constraints: ${constraints.join(', ')}` : ask,
    ...(request.priority ? [`Priority level: ${request.priority}`] : []),
    ...(custom ? [] : ['Please provide a detailed analysis and recommendations']),
  ];
  return sentences.map(withFinalPeriod).join(' ');
}

function withFinalPeriod(sentence: string): string {
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}

function constraintList(constraints: StartRequest['constraints']): string[] {
  if (!constraints) return [];
  if (Array.isArray(constraints)) return constraints;
  return Object.entries(constraints).map(
    ([key, value]) => `${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
}
