import { globOf } from './globs.ts';
import type { SelectedSuite } from './selection.ts';

/** A suite and the paths it is for. */
type Suite = Omit<SelectedSuite, 'because'> & { readonly paths: readonly string[] };
export type SuiteMap = readonly Suite[];

const SHOWN_MAX = 1_000;

/** The suites that a change is for, in the order of the map, each with the paths that say so. A path after `!` is none. */
export function suitesFor(map: SuiteMap, changed: readonly string[]): SelectedSuite[] {
  return map.flatMap(({ paths, ...suite }) => {
    const globs = paths.map((path) => ({
      isNot: path.startsWith('!'),
      glob: globOf(path.replace(/^!/, '')),
    }));
    const isFor = (path: string) =>
      globs.reduce((is, { isNot, glob }) => (glob?.test(path) ? !isNot : is), false);
    const because = changed.filter(isFor).slice(0, SHOWN_MAX);
    return because.length > 0 ? [{ ...suite, because }] : [];
  });
}
