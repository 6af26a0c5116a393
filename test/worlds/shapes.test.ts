import { expectTypeOf, test } from 'vitest';
import type * as cli from '../../src/cli/shapes.ts';
import type { Desk } from '../../src/hub/desk.ts';

// Types only: the command line may not import the hub, so its copies of the hub's answers are held against
// the originals here. `tsc` is what fails; at run time there is nothing to compare.

type Answered<T> = T extends Promise<{ ok: true; value: infer V } | { ok: false }> ? V : never;

test('the shapes the command line expects are those the hub gives', () => {
  expectTypeOf<Awaited<ReturnType<Desk['verify']>>>().toExtend<cli.Verified>();
  expectTypeOf<Awaited<ReturnType<Desk['agents']>>[number]>().toExtend<cli.AgentRow>();
  expectTypeOf<Awaited<ReturnType<Desk['people']>>[number]>().toExtend<cli.Person>();
  expectTypeOf<Answered<ReturnType<Desk['evidence']>>>().toExtend<cli.EvidenceAnswer>();
});
