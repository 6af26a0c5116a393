import { expect, test } from 'vitest';
import { type Presence, presenceOf, type Shown, type Told, toldBoth } from './presence.ts';

const TOLD: Readonly<Record<string, Told>> = {
  'says nothing': { how: [] },
  'says it is there': { how: ['trailer'], commit: 'c' },
  'says it was reverted': { how: [], commit: 'c', undoneBy: 'd' },
};

const SHOWN: Readonly<Record<string, Shown>> = {
  'a pick changes nothing': { verdict: 'present', how: 'empty re-pick', isClean: true },
  'it can be taken away': { verdict: 'present', how: 'reverse pick', isClean: true },
  'it can be taken away and not be put on': { verdict: 'present', how: 'reverse pick', isClean: false },
  'nothing of it, a clean pick': { verdict: 'absent', isClean: true },
  'nothing of it, a conflict': { verdict: 'absent', isClean: false },
  'a part of it': { verdict: 'partly', isClean: true },
  'unclear, a clean pick': { verdict: 'unclear', isClean: true },
  'unclear, a conflict': { verdict: 'unclear', isClean: false },
};

/** `present: trailer, reverse pick`, `absent (git-reverted)`. */
function line(presence: Presence): string {
  if (presence.is === 'nothing') return 'nothing';
  const how = presence.is === 'present' ? `: ${presence.how.join(', ')}` : '';
  return `${presence.is}${how}${presence.odd.length > 0 ? ` (${presence.odd.join(', ')})` : ''}`;
}

test.each([
  ['says nothing', 'a pick changes nothing', 'present: empty re-pick'],
  ['says nothing', 'it can be taken away', 'present: reverse pick'],
  ['says nothing', 'it can be taken away and not be put on', 'present: reverse pick'],
  ['says nothing', 'nothing of it, a clean pick', 'absent'],
  ['says nothing', 'nothing of it, a conflict', 'absent'],
  ['says nothing', 'a part of it', 'absent (partly there)'],
  ['says nothing', 'unclear, a clean pick', 'absent'],
  ['says nothing', 'unclear, a conflict', 'absent'],
  ['says it is there', 'a pick changes nothing', 'present: trailer, empty re-pick'],
  ['says it is there', 'it can be taken away', 'present: trailer, reverse pick'],
  ['says it is there', 'it can be taken away and not be put on', 'present: trailer, reverse pick'],
  ['says it is there', 'nothing of it, a clean pick', 'absent (contradicted)'],
  ['says it is there', 'nothing of it, a conflict', 'present: trailer'],
  ['says it is there', 'a part of it', 'present: trailer (partly there)'],
  ['says it is there', 'unclear, a clean pick', 'present: trailer'],
  ['says it is there', 'unclear, a conflict', 'present: trailer'],
  ['says it was reverted', 'a pick changes nothing', 'present: empty re-pick'],
  ['says it was reverted', 'it can be taken away', 'absent (git-reverted)'],
  ['says it was reverted', 'it can be taken away and not be put on', 'absent (git-reverted)'],
  ['says it was reverted', 'nothing of it, a clean pick', 'absent (git-reverted)'],
  ['says it was reverted', 'nothing of it, a conflict', 'absent (git-reverted)'],
  ['says it was reverted', 'a part of it', 'absent (git-reverted, partly there)'],
  ['says it was reverted', 'unclear, a clean pick', 'absent (git-reverted)'],
  ['says it was reverted', 'unclear, a conflict', 'absent (git-reverted)'],
])('history %s, content shows "%s": %s', (told, shown, expected) => {
  expect(line(presenceOf(TOLD[told]!, SHOWN[shown]!))).toBe(expected);
});

test.each(Object.keys(TOLD))('a commit that changes no file is nothing, though history %s', (told) => {
  expect(presenceOf(TOLD[told]!, { verdict: 'nothing', isClean: true })).toEqual({ is: 'nothing' });
});

const PATCH: Told = { how: ['patch id'], commit: 'p' };
const UNDONE_PATCH: Told = { how: [], commit: 'p', undoneBy: 'r' };

test.each([
  ['says nothing', PATCH, PATCH],
  ['says nothing', UNDONE_PATCH, UNDONE_PATCH],
  ['says it is there', PATCH, { how: ['trailer', 'patch id'], commit: 'c' }],
  ['says it is there', UNDONE_PATCH, TOLD['says it is there']],
  ['says it was reverted', PATCH, PATCH],
  ['says it was reverted', UNDONE_PATCH, TOLD['says it was reverted']],
])('history %s, and its patch ids %o', (first, second, expected) => {
  expect(toldBoth(TOLD[first]!, second)).toEqual(expected);
});
