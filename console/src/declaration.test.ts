import { expect, test } from 'vitest';
import { BLANK, changeOf, declarationOf, type Fields } from './declaration.ts';

const FULL = {
  ...BLANK,
  title: ' drop leaked watch ',
  severity: 'critical' as const,
  reason: 'API servers run out of memory',
  component: 'cpo',
  change: '#4692',
};

test('a change is read as it is named, and what cannot be one is none', () => {
  expect(changeOf({ kind: 'pull-request', change: '4692' })).toEqual({ kind: 'pull-request', number: 4692 });
  const url = 'https://git.example/openshift/hypershift/pull/4692/files';
  expect(changeOf({ kind: 'pull-request', change: url })).toEqual({
    kind: 'pull-request',
    number: 4692,
    url,
  });
  expect(changeOf({ kind: 'commits', change: 'abc123, def456\n789' })).toEqual({
    kind: 'commits',
    commits: ['abc123', 'def456', '789'],
  });
  expect(changeOf({ kind: 'range', change: 'v1..v2' })).toEqual({ kind: 'range', from: 'v1', to: 'v2' });
  expect(changeOf({ kind: 'git-revert', change: ' abc ' })).toEqual({ kind: 'git-revert', commit: 'abc' });
  expect(changeOf({ kind: 'patch', change: 'From 1\n' })).toEqual({ kind: 'patch', text: 'From 1\n' });
  const odd = ['', 'nothing', '0', 'javascript:/pull/7', 'https://git.example/pull/'];
  expect(odd.map((change) => changeOf({ kind: 'pull-request', change }))).toEqual(Array(5).fill(undefined));
  expect(['v1', 'v1...v2', '..v2', 'v1..'].map((change) => changeOf({ kind: 'range', change }))).toEqual(
    Array(4).fill(undefined),
  );
});

test('a declaration carries the symptom, and leaves out what was left empty', () => {
  expect(declarationOf({ ...FULL, symptom: ' OOMKilled ' })).toEqual({
    ok: true,
    declaration: {
      do: 'declare',
      title: 'drop leaked watch',
      severity: 'critical',
      reason: 'API servers run out of memory',
      symptom: 'OOMKilled',
      change: { kind: 'pull-request', number: 4692 },
      component: 'cpo',
    },
  });
});

test('what is missing is said one thing at a time', () => {
  const lacks = (changes: Partial<Fields>) => {
    const read = declarationOf({ ...FULL, ...changes });
    return read.ok ? '' : read.lacks;
  };
  expect(lacks({ title: ' ' })).toBe('It needs a title.');
  expect(lacks({ severity: '' })).toBe('It needs a severity.');
  expect(lacks({ reason: '' })).toBe('It needs a reason.');
  expect(lacks({ component: '' })).toBe('It needs a component.');
  expect(lacks({ change: 'x' })).toBe('It needs a change. Pull request: its number or address.');
  expect(lacks({ symptom: 'ab' })).toBe('The symptom needs at least 3 letters, or none.');
});
