// Goal: a checklist in a policy is read as it is written, and what makes no sense is refused where it stands.
import { expect, test } from 'vitest';
import { closingSchema, linksSchema } from './closing.ts';

const faults = (value: unknown, schema: typeof closingSchema | typeof linksSchema = closingSchema) =>
  (schema.safeParse(value).error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);

test('every kind is read, and who says that there is a test is qe where nobody is named', () => {
  const items = [
    { name: 'ci', kind: 'gates' },
    { name: 'tests', kind: 'tests' },
    { name: 'upstream', kind: 'pull-request', repository: 'openshift/hypershift', contains: 'change' },
    { name: 'docs', kind: 'link' },
    { name: 'advisory', kind: 'advisory' },
    { name: 'plan', kind: 'word', role: 'qe' },
  ];
  expect(closingSchema.parse(items)).toEqual(
    items.map((item) => (item.kind === 'tests' ? { ...item, role: 'qe' } : item)),
  );
});

test.each([
  [
    'two of one name',
    [
      { name: 'a', kind: 'gates' },
      { name: 'a', kind: 'link' },
    ],
  ],
  ['a kind that there is not', [{ name: 'a', kind: 'jira' }]],
  ['a word of nobody', [{ name: 'a', kind: 'word' }]],
  ['a word of a role that there is not', [{ name: 'a', kind: 'word', role: 'boss' }]],
  [
    'a repository by its address',
    [{ name: 'a', kind: 'pull-request', repository: 'https://github.com/o/n' }],
  ],
  ['a key of another kind', [{ name: 'a', kind: 'link', repository: 'o/n' }]],
  ['a name with spaces', [{ name: 'a b', kind: 'link' }]],
])('%s is refused', (_, value) => expect(faults(value)).not.toEqual([]));

test('without settings no address may be looked at, and GitHub is where it is', () => {
  expect(linksSchema.parse({})).toEqual({
    hosts: [],
    inside: [],
    plainHttp: [],
    tokens: {},
    github: { 'github.com': 'https://api.github.com' },
  });
});

test.each([
  ['an address for a host', { hosts: ['https://docs.example.com'] }],
  ['a host in capitals, which no address has', { hosts: ['Docs.example.com'] }],
  ['a pattern', { hosts: ['*.example.com'] }],
  ['a token itself in a list', { tokens: ['s3cret'] }],
  ['a forge that is no web address', { github: { 'ghe.example.com': 'file:///etc' } }],
])('%s is refused', (_, value) => expect(faults(value, linksSchema)).not.toEqual([]));
