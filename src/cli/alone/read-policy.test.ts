import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { readPolicyPace } from './read-policy.ts';

const read = (text: string) => readPolicyPace('-', Readable.from([Buffer.from(text)]));

describe('the pace of a policy file', () => {
  test.each<[string, string, unknown]>([
    ['of a policy', 'name: eu\npace: { harmBudget: 40, maxPerHour: 5 }', { harmBudget: 40, maxPerHour: 5 }],
    ['by its profile', 'pace: { harmBudget: urgent }', { harmBudget: 100 }],
    [
      'in durations',
      'pace: { minSoak: 10m, window: 1h, law: { median: 5m, sigma: 0.4 } }',
      {
        minSoakMs: 600_000,
        windowMs: 3_600_000,
        law: { medianMs: 300_000, sigma: 0.4 },
      },
    ],
    ['as JSON', '{"pace": {"oneBox": 3}}', { oneBox: 3 }],
    ['of a policy that says nothing of it', 'name: eu', {}],
    ['of the only policy of a configuration', 'policies: [{ name: eu, pace: { oneBox: 4 } }]', { oneBox: 4 }],
    [
      'of the policy called default',
      'policies: [{ name: eu, pace: { oneBox: 4 } }, { name: default, pace: { oneBox: 5 } }]',
      {
        oneBox: 5,
      },
    ],
  ])('is read: %s', async (_what, text, pace) => {
    expect(await read(text)).toEqual(pace);
  });

  test.each<[string, string, string]>([
    ['no YAML', 'pace: [', '- is not YAML'],
    ['a text', 'hello', 'expected a policy with pace: or a configuration with policies:'],
    ['empty', '', 'expected a policy with pace:'],
    [
      'one of several policies',
      'policies: [{ name: eu }, { name: us }]',
      'expected one policy, or one called default, among 2',
    ],
    ['a budget of none', 'pace: { harmBudget: 0 }', 'pace.harmBudget'],
    ['a budget of all', 'pace: { harmBudget: all }', 'pace.harmBudget'],
    ['an endless budget', 'pace: { harmBudget: .inf }', 'pace.harmBudget'],
    ['no one-box', 'pace: { oneBox: 0 }', 'pace.oneBox'],
    ['a word of other planners', 'pace: { maxUnavailable: 100% }', 'pace'],
    ['a tolerance of everything', 'pace: { margin: 100 }', 'pace.margin'],
    ['no evidence ever', 'pace: { alpha: 0 }', 'pace.alpha'],
  ])('is refused where it is %s, with the field', async (_what, text, message) => {
    await expect(read(text)).rejects.toThrow(message);
  });
});
