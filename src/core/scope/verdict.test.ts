// Goal: a verdict can be taken apart into what it rests on, no title outweighs the code, and only what the policy names
// blocks, unless a person said why it may pass.
import { describe, expect, test } from 'vitest';
import { LEANS, MEASURES, TITLE_WEIGHTS, WEIGHTS } from './model.ts';
import { USUAL_SCOPE } from './policy.ts';
import { type ScopeException, scopeStanding } from './standing.ts';
import { changeOf } from './test-change.ts';
import { claimsOf } from './title.ts';
import { scopeVerdict } from './verdict.ts';

const go = (...lines: string[]) => `package a\n\n${lines.join('\n')}\n`;
const small = changeOf({
  'a/a.go': [go('func F() {', '\ta()', '}'), go('func F() {', '\ta()', '\tb()', '}')],
});
const files = Array.from({ length: 30 }, (_, i) => [
  `api/a${i}.go`,
  [undefined, go(`type T${i} struct {`, '\tName string `json:"name"`', '}', ...Array(60).fill('var x = 1'))],
]);
const large = changeOf({ ...Object.fromEntries(files), 'docs/a.md': [undefined, 'New.\n'] });
const judge = (change: typeof small, title = '') => scopeVerdict(change, USUAL_SCOPE, title);

test('a line in a function that was there is a fix, thirty new API types are a feature', () => {
  expect(judge(small)).toMatchObject({ verdict: 'fix', blocking: [] });
  expect(judge(large)).toMatchObject({ verdict: 'feature', blocking: ['api-field'] });
});

test('of two changes of as many lines the one inside what was there is nearer to a fix, the one that brings manifests further', () => {
  const body = (n: number) => go('func F() {', ...Array(n).fill('\ta()'), '}');
  const inside = changeOf({ 'a/a.go': [body(1), body(41)] });
  const outside = changeOf({
    'a/a.go': [body(1), `${body(1)}\n${go('func g() {', ...Array(38).fill('\ta()'), '}')}`],
  });
  const manifest = changeOf({
    'a/a.go': [body(1), body(2)],
    'assets/role.yaml': [undefined, 'kind: Role\n'.repeat(39)],
  });
  expect(judge(inside).score).toBeLessThan(judge(outside).score);
  expect(judge(inside).score).toBeLessThan(judge(manifest).score);
  expect(judge(manifest).contributions).toContainEqual(
    expect.objectContaining({ measure: 'manifests', said: '39 new lines of manifests and templates' }),
  );
  expect(judge(inside).contributions).toContainEqual(
    expect.objectContaining({ measure: 'inside', said: '40 new lines in functions that were there' }),
  );
});

test('the score is the sum of its parts, and the places share what their measure adds', () => {
  const { score, bias, contributions, signals } = judge(large, 'GCP-1: feat: new types');
  const logOdds = contributions.reduce((sum, { adds }) => sum + adds, bias);
  expect(score).toBeCloseTo(1 / (1 + Math.exp(-logOdds)), 3);
  const files = contributions.find(({ measure }) => measure === 'new-files')!;
  const shared = signals
    .filter(({ signal }) => signal === 'new-file')
    .reduce((sum, one) => sum + one.weight, 0);
  expect(shared).toBeCloseTo(files.adds, 1);
});

test('no measure leans the way it must not', () => {
  for (const one of MEASURES) expect(WEIGHTS[one] * LEANS[one], one).toBeGreaterThanOrEqual(0);
});

test('a feature does not become a fix by its title; without a title only the code counts', () => {
  expect(judge(large, 'OCPBUGS-1: fix: a crash').verdict).toBe('feature');
  const { score, codeScore } = judge(large);
  expect(score).toBe(codeScore);
  expect(judge(small, 'GCP-2: feat: more').score).toBeGreaterThan(judge(small).score);
  expect(TITLE_WEIGHTS.bugTicket + TITLE_WEIGHTS.fix).toBeGreaterThan(-1.5);
});

test('a range that changes nothing is judged as one', () => {
  expect(judge(changeOf({}))).toMatchObject({ verdict: 'fix', because: 'it changes no code', signals: [] });
});

test.each([
  ['OCPBUGS-12: fix(cno): brackets', { isBugTicket: true, type: 'fix', tickets: ['OCPBUGS-12'] }],
  ['CNTRLPLANE-7:feat(aws): add it', { isBugTicket: false, type: 'feat', tickets: ['CNTRLPLANE-7'] }],
  ['NO-JIRA: feat: one', { tickets: [], type: 'feat' }],
  ['NO-1 CVE-2024 SHA-256', { tickets: [] }],
  ['🐛 Fix enqueue', { type: 'fix' }],
  [':sparkles: A field', { type: 'feat' }],
  ['✨ fix: what a word says wins', { type: 'fix' }],
  ['[release-1.9] 🐛 Fix enqueue', { type: 'fix' }],
  ['Revert "OCPBUGS-1: x"', { isRevert: true, isBugTicket: true }],
])('%s', (title, claims) => {
  expect(claimsOf(title)).toMatchObject(claims);
});

test('a sign in the middle of a title is no type', () => {
  expect(claimsOf('Say 🐛 in the middle').type).toBeUndefined();
});

describe('standing', () => {
  const judged = judge(large);
  const word = (of: ScopeException['of'], more: Partial<ScopeException> = {}): ScopeException => ({
    of,
    to: judged.to,
    by: 'ada',
    reason: 'the field is how the fix is switched on',
    ...more,
  });

  test('a fix passes, an unclear change asks, a named signal blocks', () => {
    expect(scopeStanding(judge(small), USUAL_SCOPE).standing).toBe('passes');
    expect(scopeStanding({ ...judge(small), verdict: 'unclear' }, USUAL_SCOPE)).toMatchObject({
      standing: 'asks',
      because: expect.stringMatching(
        /^it may be a feature \(score 0\.\d+; below 0\.4 it is a fix\): a person decides$/,
      ),
    });
    expect(scopeStanding(judged, USUAL_SCOPE)).toMatchObject({
      standing: 'blocked',
      open: ['api-field', 'verdict'],
    });
    expect(scopeStanding(judged, { blocks: [] })).toMatchObject({ standing: 'asks', open: ['verdict'] });
  });

  test('an exception takes one point away, and all of them together let it pass', () => {
    const one = scopeStanding(judged, USUAL_SCOPE, [word('api-field')]);
    expect(one).toMatchObject({ standing: 'asks', open: ['verdict'] });
    const all = scopeStanding(judged, USUAL_SCOPE, [word('api-field'), word('verdict')]);
    expect(all).toMatchObject({ standing: 'excepted', open: [] });
    expect(all.because).toContain('api-field: ada: the field is how the fix is switched on');
  });

  test('an exception for another commit, of nobody, or without a reason counts for nothing', () => {
    const useless = [
      word('api-field', { to: 'c'.repeat(40) }),
      word('api-field', { by: ' ' }),
      word('verdict', { reason: '' }),
    ];
    expect(scopeStanding(judged, USUAL_SCOPE, useless)).toMatchObject({ standing: 'blocked', excepted: [] });
  });
});
