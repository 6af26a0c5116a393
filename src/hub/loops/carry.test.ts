import { expect, test } from 'vitest';
import type { FixId } from '../../core/base/ids.ts';
import {
  assemblyOf,
  commitOf,
  declared,
  lineOf,
  lineReady,
  proposalOf,
  tell,
} from '../../core/life/testing.ts';
import { SourceProblem } from '../../ports/repository.ts';
import { carryOf } from './carry.ts';

const fixes = new Map(
  (['FIX-1', 'FIX-2'] as const).map((id) => [
    id as FixId,
    tell(declared(id), 'fleetfix', ...lineReady(id, '4.19.1')).fix,
  ]),
);
const load = async (id: FixId) => fixes.get(id);

test('a line keeps what it carries, in ledger order', async () => {
  const carry = await carryOf(lineOf('4.19.1', { carries: ['FIX-1', 'FIX-2'] }), load);
  expect(carry.map(({ fix, prerequisites }) => ({ fix, prerequisites }))).toEqual([
    { fix: 'FIX-1', prerequisites: [] },
    { fix: 'FIX-2', prerequisites: [] },
  ]);
  expect(carry[0]!.change).toEqual(fixes.get('FIX-1')!.change);
});

test('a carried fix that the ledger does not know is refused by name, never dropped', async () => {
  const asked = carryOf(lineOf('4.19.1', { carries: ['FIX-1', 'FIX-7', 'FIX-9'] }), load);
  await expect(asked).rejects.toThrow(SourceProblem);
  await expect(asked).rejects.toThrow(/line 4\.19\.1 carries FIX-7, FIX-9, which/);
});

test('a fix whose proposal a person took is carried as its candidate has it: its own commits would conflict again', async () => {
  const proposal = proposalOf('adjacent');
  const line = lineOf('4.19.1');
  const story = tell(declared('FIX-1'), 'ana', {
    type: 'LineAssembled',
    line,
    assembly: assemblyOf('conflict', { proposals: [proposal] }),
  });
  tell(story, 'ana', { type: 'ProposalAccepted', line: '4.19.1', kind: 'adjacent', tree: proposal.tree });
  const commit = commitOf('candidate');
  tell(story, 'fleetfix', { type: 'LineAssembled', line, assembly: assemblyOf('clean', { commit }) });
  const carry = await carryOf(lineOf('4.19.1', { carries: ['FIX-1'] }), async () => story.fix);
  expect(carry).toEqual([
    { fix: 'FIX-1', change: { kind: 'range', from: line.base, to: commit }, prerequisites: [] },
  ]);
  // Elsewhere nobody has taken anything.
  const [elsewhere] = await carryOf(lineOf('4.20.1', { carries: ['FIX-1'] }), async () => story.fix);
  expect(elsewhere!.change).toEqual(story.fix.change);
});
