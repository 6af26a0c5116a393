// Goal: a fix passes by itself, a question goes to a person, and what the policy blocks needs more than a word.
import { expect, test } from 'vitest';
import type { ChangedFile, ScopeChange } from '../scope/change.ts';
import { USUAL_SCOPE } from '../scope/policy.ts';
import { scopeVerdict } from '../scope/verdict.ts';
import { judgeScope } from './scope-gate.ts';

const [FROM, TO] = ['a'.repeat(40), 'b'.repeat(40)];
const BEFORE = 'package a\n\nfunc F() {\n\tone()\n}\n';

function change(path: string, before: string | undefined, now: string, title: string): ScopeChange {
  const lines = (text = '') => (text === '' ? 0 : text.split('\n').length - 1);
  const hunk = { was: { from: before ? 1 : 0, count: lines(before) }, is: { from: 1, count: lines(now) } };
  return {
    from: FROM,
    to: TO,
    title,
    messages: [title],
    commits: 1,
    files: [
      {
        path,
        kind: before === undefined ? 'added' : 'changed',
        ...(before && { before }),
        now,
        hunks: [hunk],
      },
    ],
    neighbours: [],
    warnings: [],
  };
}

const judge = (given: ScopeChange) => judgeScope(scopeVerdict(given, USUAL_SCOPE), USUAL_SCOPE, given.files);

/** A small fix, and beside it a file that was not read. */
const FIX = change('a/a.go', BEFORE, BEFORE.replace('one()', 'two()'), 'OCPBUGS-1: call the right one');
const beside = (
  given: ScopeChange,
  path: string,
  more: Omit<ChangedFile, 'path' | 'hunks'>,
): ScopeChange => ({
  ...given,
  files: [...given.files, { path, hunks: [], ...more }],
  warnings: [`${path}: not judged`],
});

test('a change inside of a function that was there passes', () => {
  const now = BEFORE.replace('one()', 'two()');
  expect(judge(change('a/a.go', BEFORE, now, 'OCPBUGS-1: call the right one')).result).toBe('pass');
});

test('many new functions are a question, with the places that raise it', () => {
  const more = Array.from({ length: 30 }, (_, i) => `func New${i}() {\n\tone()\n}\n`).join('\n');
  const { result, note, findings } = judge(
    change('pkg/a/new.go', undefined, `package a\n\n${more}`, 'feat: thirty ways'),
  );
  expect([result, note]).toEqual(['unclear', expect.stringContaining('a person decides')]);
  expect(findings).toHaveLength(20);
  expect(findings!.at(-1)!.text).toMatch(/^and \d+ more$/);
  expect(findings!.filter((f) => f.path === 'pkg/a/new.go').length).toBeGreaterThan(5);
});

test('a field of an API is blocked by name, whatever the rest says', () => {
  const was = 'package v1\n\ntype Spec struct {\n\tA string `json:"a"`\n}\n';
  const now = was.replace('}\n', '\tB string `json:"b"`\n}\n');
  const { result, note, findings } = judge(change('api/v1/types.go', was, now, 'OCPBUGS-1: fix'));
  expect([result, note]).toEqual([
    'fail',
    expect.stringContaining('lets no api-field pass without an exception'),
  ]);
  expect(findings).toContainEqual({
    path: 'api/v1/types.go',
    line: 5,
    text: expect.stringContaining('api-field: '),
  });
});

test.each([
  ['config/crd/leases.yaml', 'large', 'too large'],
  ['deploy/all.yaml', 'large', 'too large'],
  ['pkg/b/b.go', 'too many', 'too many files'],
  ['api/v1/types.go', 'binary', 'no text'],
  ['api/v1/types.go', 'link', 'a link'],
  ['api/v1/lease.proto', 'large', 'too large'],
  ['db/seed.sql', 'missing', 'missing in the repository'],
  ['go.mod', 'large', 'too large'],
  ['lib/other', 'submodule', 'another repository'],
] as const)('what may hold a signal and was not read is a question: %s, %s', (path, unread, why) => {
  const { result, note, findings } = judge(beside(FIX, path, { kind: 'added', unread }));
  expect([result, note]).toEqual([
    'unclear',
    expect.stringMatching(/may hold what speaks for a feature, and was not judged: a person decides; fix/),
  ]);
  expect(findings).toEqual(
    expect.arrayContaining([{ text: `${path}: not judged` }, { path, text: `not judged: ${why}` }]),
  );
});

test.each([
  ['assets/logo.png', { kind: 'added', unread: 'binary' }],
  ['docs/all.txt', { kind: 'added', unread: 'too many' }],
  ['test/data/big.json', { kind: 'added', unread: 'large' }],
  ['vendor/x/x.go', { kind: 'added', unread: 'not needed' }],
  ['pkg/b/b.go', { kind: 'removed', unread: 'large' }],
] as const)('what can hold none asks nobody: %s', (path, more) => {
  expect(judge(beside(FIX, path, more)).result).toBe('pass');
});

test('what is blocked stays blocked, whatever else was not read', () => {
  const was = 'package v1\n\ntype Spec struct {\n\tA string `json:"a"`\n}\n';
  const now = was.replace('}\n', '\tB string `json:"b"`\n}\n');
  const blocked = change('api/v1/types.go', was, now, 'OCPBUGS-1: fix');
  const { result, findings } = judge(beside(blocked, 'x/x.go', { kind: 'added', unread: 'large' }));
  expect(result).toBe('fail');
  expect(findings![0]).toEqual({ text: 'x/x.go: not judged' });
  expect(findings![2]!.text).toMatch(/^api-field: /);
});
