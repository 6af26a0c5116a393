import { describe, expect, it } from 'vitest';
import { provenanceOf, readStatement, repositoryKey } from './provenance.ts';

const A = 'a'.repeat(64);
const COMMIT = 'c'.repeat(40);
const statement = (predicateType: string, predicate: object, more: object = {}) => ({
  _type: 'https://in-toto.io/Statement/v1',
  predicateType,
  subject: [{ name: 'image', digest: { sha256: A } }],
  predicate,
  ...more,
});
const read = (content: unknown) => {
  const result = readStatement(content);
  return result.ok ? provenanceOf(result.value) : result.error;
};
const V02 = 'https://slsa.dev/provenance/v0.2';
const V1 = 'https://slsa.dev/provenance/v1';

describe('a statement', () => {
  it.each([
    ['null', null, 'its _type is missing'],
    ['a list', [], 'its _type is missing'],
    [
      'another type',
      statement(V1, {}, { _type: 'https://example.com/x' }),
      'its _type is "https://example.com/x"',
    ],
    ['no kind', statement(V1, {}, { predicateType: 7 }), 'it has no predicateType'],
    ['no subject', statement(V1, {}, { subject: [] }), 'no subject has a sha256'],
    [
      'a subject by another hash',
      statement(V1, {}, { subject: [{ digest: { sha1: COMMIT } }] }),
      'no subject',
    ],
    [
      'a digest that is none',
      statement(V1, {}, { subject: [{ digest: { sha256: 'A'.repeat(64) } }] }),
      'no subject',
    ],
  ])('that is %s is not read, and why is said', (_what, content, why) => {
    expect(read(content)).toContain(why);
  });

  it('about something else is no provenance', () => {
    expect(read(statement('https://spdx.dev/Document', {}))).toBeUndefined();
  });
});

describe('provenance', () => {
  it('of either version says the same of the same build', () => {
    const uri = 'git+https://github.com/example/operator.git';
    const old = statement(V02, {
      builder: { id: 'builder' },
      invocation: { parameters: { hermetic: 'true', tries: 3, list: ['x'] } },
      materials: [
        { uri: 'oci://task', digest: { sha256: A } },
        { uri, digest: { sha1: COMMIT } },
      ],
    });
    const params = [
      { name: 'hermetic', value: 'true' },
      { name: 'tries', value: '3' },
      { name: 'list', value: ['x'] },
    ];
    const fresh = statement(V1, {
      buildDefinition: {
        externalParameters: { runSpec: { params } },
        resolvedDependencies: [
          { name: 'task', uri: 'git+https://github.com/example/tasks', digest: { sha1: 'd'.repeat(40) } },
          { name: 'inputs/result', uri, digest: { sha1: COMMIT } },
        ],
      },
      runDetails: { builder: { id: 'builder' } },
    });
    const same = {
      subjects: [`sha256:${A}`],
      builder: 'builder',
      sources: [{ uri, commit: COMMIT }],
      parameters: { hermetic: ['true'], tries: ['3'] },
    };
    expect(read(old)).toEqual({ type: 'slsa-v0.2', ...same });
    expect(read(fresh)).toEqual({ type: 'slsa-v1', ...same });
  });

  it('keeps every value of a parameter that is given twice', () => {
    const params = [
      { name: 'hermetic', value: 'true' },
      { name: 'hermetic', value: 'false' },
    ];
    const content = statement(V1, { buildDefinition: { externalParameters: { runSpec: { params } } } });
    expect(read(content)).toMatchObject({ parameters: { hermetic: ['true', 'false'] } });
  });

  it('of v0.2 leaves out where the pipeline is defined, unless that is all there is', () => {
    const uri = 'git+https://github.com/example/operator';
    const [built, defined] = [COMMIT, 'd'.repeat(40)].map((sha1) => ({ uri, digest: { sha1 } }));
    const of = (materials: unknown[]) =>
      read(statement(V02, { materials, invocation: { configSource: defined } }));
    expect(of([built, defined])).toMatchObject({ sources: [{ uri, commit: COMMIT }] });
    expect(of([defined])).toMatchObject({ sources: [{ uri, commit: 'd'.repeat(40) }] });
  });

  it('takes no digest of an image, and nothing shortened, for a commit', () => {
    const materials = [
      { uri: 'oci://quay.io/x', digest: { sha256: A } },
      { uri: 'git+https://github.com/x/y', digest: { sha1: 'c0ffee' } },
      { uri: 'git+https://github.com/x/z', digest: {} },
      'text',
      null,
    ];
    expect(read(statement(V02, { materials }))).toMatchObject({ sources: [], builder: null });
  });

  it('with nothing in it says nothing', () => {
    for (const type of [V02, V1])
      expect(read(statement(type, {}))).toMatchObject({ builder: null, sources: [], parameters: {} });
  });
});

it.each([
  'https://github.com/example/Operator',
  'git+https://github.com/example/Operator.git',
  'git+https://github.com/example/Operator.git@refs/heads/main',
  'https://GitHub.com:443/example/Operator/',
  'git@github.com:example/Operator.git',
  'ssh://git@github.com/example/Operator.git',
  'git+ssh://git@github.com/example/Operator',
])('%s is the same repository', (uri) => {
  expect(repositoryKey(uri)).toBe('github.com/example/Operator');
});

it.each([
  'https://github.com/example/operator2',
  'https://github.com.evil.example/example/Operator',
  'https://evil.example/github.com/example/Operator',
  'https://github.com/fork/Operator',
  'https://github.com@evil.example/example/Operator',
])('%s is another repository', (uri) => {
  expect(repositoryKey(uri)).not.toBe('github.com/example/Operator');
});
