import { describe, expect, it } from 'vitest';
import { messageFor, startRequestSchema } from './start-request.ts';

const message = (body: object) => messageFor(startRequestSchema.parse(body));

describe('messageFor', () => {
  it('W1: reads prompt as an alias of custom_prompt', () => {
    expect(message({ prompt: 'perform market analysis' })).toBe('perform market analysis.');
  });

  it('prefers custom_prompt to prompt', () => {
    expect(message({ custom_prompt: 'review stock.', prompt: 'other' })).toBe('review stock.');
  });

  it('asks politely for the effective type when there is no prompt, also an empty one', () => {
    const asked = 'Please optimize the laptop supply chain. Please provide a detailed analysis and recommendations.';
    expect(message({})).toBe(asked);
    expect(message({ prompt: '' })).toBe(asked);
  });

  it('lets scenario win over optimization_type', () => {
    expect(message({ scenario: 'laptop_procurement', optimization_type: 'x' })).toContain(
      'optimize the laptop procurement',
    );
  });

  it('adds constraints from a list and from an object, and the priority', () => {
    expect(message({ prompt: 'optimize', constraints: ['cheap', 'fast'], priority: 'high' })).toBe(
      'optimize with the following constraints: cheap, fast. Priority level: high.',
    );
    expect(message({ prompt: 'optimize', constraints: { budget_limit: 500000, delivery_time: '2 weeks' } })).toBe(
      'optimize with the following constraints: budget_limit: 500000, delivery_time: 2 weeks.',
    );
  });

  it('ignores unknown members and refuses wrong types', () => {
    expect(startRequestSchema.safeParse({ nonsense: 1 }).success).toBe(true);
    expect(startRequestSchema.safeParse({ custom_prompt: 7 }).success).toBe(false);
    expect(startRequestSchema.safeParse([]).success).toBe(false);
  });
});
