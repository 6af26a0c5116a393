// Goal: a fix passes by itself, a question goes to a person, and what the policy blocks needs more than a word.
import { expect, test } from 'vitest';
import type { ScopeChange } from '../scope/change.ts';
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

const judge = (given: ScopeChange) => judgeScope(scopeVerdict(given, USUAL_SCOPE), USUAL_SCOPE);

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
