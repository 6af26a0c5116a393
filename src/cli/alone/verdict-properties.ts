import type { PolarionRun } from '../../core/verdict/polarion.ts';
import { misuse } from '../exit.ts';
import { isSayable } from './verdict-map.ts';

/** What Polarion's importer is told about the whole run, as flags. */
export type PolarionFlags = {
  readonly project: string;
  readonly user?: string;
  readonly testrun?: string;
  readonly title?: string;
  readonly template?: string;
  readonly type?: string;
  readonly status?: string;
  readonly finished?: true;
  readonly group?: string;
  readonly lookup: 'id' | 'name' | 'custom';
  readonly lookupField?: string;
  readonly span?: string;
  readonly includeSkipped?: true;
  readonly dryRun?: true;
  readonly createDefects?: true;
  readonly custom?: readonly string[];
  readonly response?: readonly string[];
};

/** The properties of a run, in the order the importer's documents have them. Throws a misuse that names the flag. */
export function polarionProperties(flags: PolarionFlags): PolarionRun['properties'] {
  judge(flags);
  const { project, user, testrun, title, template, type, status, group, lookup, lookupField, span } = flags;
  const given: readonly (readonly [string, string | true | undefined])[] = [
    ['polarion-project-id', project],
    ['polarion-user-id', user],
    ['polarion-testrun-id', testrun],
    ['polarion-testrun-title', title],
    ['polarion-testrun-template-id', template],
    ['polarion-testrun-type-id', type],
    ['polarion-testrun-status-id', status],
    ['polarion-set-testrun-finished', flags.finished],
    ['polarion-group-id', group],
    ['polarion-lookup-method', lookup],
    ['polarion-custom-lookup-method-field-id', lookupField],
    ['polarion-project-span-ids', span],
    ['polarion-include-skipped', flags.includeSkipped],
    ['polarion-dry-run', flags.dryRun],
    ['polarion-create-defects', flags.createDefects],
    ...pairs('--custom', 'polarion-custom-', flags.custom),
    ...pairs('--response', 'polarion-response-', flags.response),
  ];
  const properties = given.flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value === true ? 'true' : value] as const],
  );
  const bad = properties.find(
    ([, value]) => value.trim() === '' || value.length > 1_000 || !isSayable(value),
  );
  if (bad)
    throw misuse(
      `${bad[0]} is empty, longer than 1000 characters or has control characters: expected a line of text`,
    );
  return properties;
}

function judge({ testrun, title, template, lookup, lookupField, status, finished }: PolarionFlags): void {
  if ((testrun === undefined) === (title === undefined))
    throw misuse('expected --testrun ID, or --title TEXT with --template ID for a new test run');
  if ((title === undefined) !== (template === undefined))
    throw misuse('expected --title TEXT and --template ID together');
  if ((lookup === 'custom') !== (lookupField !== undefined))
    throw misuse('expected --lookup custom and --lookup-field ID together');
  if (finished && status === 'inprogress')
    throw misuse('--finished and --status inprogress say different things: expected one of them');
}

function pairs(flag: string, prefix: string, given: readonly string[] = []): [string, string][] {
  const all = given.map((text): [string, string] => {
    const found = /^([A-Za-z0-9_.-]{1,100})=([\s\S]+)$/.exec(text);
    if (!found) throw misuse(`${flag} ${text}: expected NAME=VALUE`);
    return [`${prefix}${found[1]}`, found[2]!];
  });
  const twice = all.find(([name], i) => all.findIndex(([other]) => other === name) !== i);
  if (twice) throw misuse(`${flag}: ${twice[0].slice(prefix.length)} is given twice, expected once`);
  return all;
}
