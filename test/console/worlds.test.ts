// Goal: the worlds the pages are tried on are what the hub would answer, by the schemas it answers with.
import { expect, test } from 'vitest';
import * as views from '../../src/wire/views.ts';
import { halted, large, needsApproval, paused, rolling, rowOf, slowBurn, stratumHalted } from './worlds.ts';

const WORLDS = [
  rolling(),
  paused(rolling()),
  needsApproval(),
  large(),
  stratumHalted(),
  halted(),
  slowBurn(),
];

test('every recorded world passes the schemas of the API', () => {
  for (const world of WORLDS) {
    expect(views.fixViewSchema.parse(world.view)).toEqual(world.view);
    expect(views.gridSchema.parse(world.grid)).toEqual(world.grid);
    expect(views.fixRowSchema.parse(rowOf(world))).toEqual(rowOf(world));
    expect(views.planViewSchema.parse(world.plan)).toEqual(world.plan);
    expect(views.forecastSchema.parse(world.forecast)).toEqual(world.forecast);
    expect(views.whyViewSchema.parse(world.why)).toEqual(world.why);
    for (const target of world.targets.slice(0, 10)) {
      expect(views.targetViewSchema.parse(target)).toEqual(target);
    }
    for (const entry of world.timeline) expect(views.timelineEntrySchema.parse(entry)).toEqual(entry);
  }
});
