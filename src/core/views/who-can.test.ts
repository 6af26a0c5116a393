import { expect, test } from 'vitest';
import { whoElse } from './who-can.ts';

test('who can is not told again where the reason names all of them', () => {
  expect(whoElse('needs approver', ['approver'])).toEqual([]);
  expect(whoElse('mrossi may not start: it needs operator or on-call.', ['operator', 'on-call'])).toEqual([]);
});

test('who can is told where the reason names nobody, another, or only some of them', () => {
  expect(whoElse('a second person must approve', ['approver'])).toEqual(['approver']);
  expect(whoElse('kato is a viewer; it needs on-call', ['adiaz', 'on-call'])).toEqual(['adiaz', 'on-call']);
  expect(whoElse('asked by qe-lead', ['qe'])).toEqual(['qe']);
});
