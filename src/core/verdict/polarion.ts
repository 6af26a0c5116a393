import { isFailed, isFlaky, type Test } from './merge.ts';
import { testName, type VerdictPolicy } from './verdict.ts';

/** How Polarion's importer takes a case: a failure is failed, an error blocked, skipped waiting, nothing passed. */
export type PolarionOutcome = 'passed' | 'failed' | 'blocked' | 'waiting';

export type PolarionCase = {
  /** `polarion-testcase-id`: a work item, a title or the value of a field, by how Polarion looks it up. */
  readonly id: string;
  readonly project?: string;
  readonly name: string;
  readonly classname: string;
  readonly outcome: PolarionOutcome;
  readonly message?: string;
  readonly comment?: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly seconds: number;
};

/** A file for the xUnit importer of Polarion. `properties`: names and values, in order. */
export type PolarionRun = {
  readonly properties: readonly (readonly [name: string, value: string])[];
  readonly suite: string;
  readonly cases: readonly PolarionCase[];
};

/** Which test is which case. `test` is its name, whole; `class` its class or the suite right around it. */
export type CaseMapping = {
  readonly test: string;
  readonly class?: string;
  readonly id: string;
  readonly project?: string;
  readonly comment?: string;
  readonly parameters?: Readonly<Record<string, string>>;
};

export type CasesWanted = {
  readonly map: readonly CaseMapping[];
  /** The property of a test that holds its id, when the map does not know the test. */
  readonly idProperty: string;
  /** With `name`, a test nobody gave an id is looked up by its name. */
  readonly lookup: 'id' | 'name' | 'custom';
  readonly errors: 'failed' | 'blocked';
  readonly flaky: VerdictPolicy['flaky'];
};

export type CasesFound = {
  readonly cases: readonly PolarionCase[];
  readonly withoutId: readonly Test[];
  /** Entries of the map that no test is called by. */
  readonly unused: readonly CaseMapping[];
  /** Tests whose own id is another than that of the map, which counts. */
  readonly overruled: readonly { readonly test: string; readonly own: string; readonly id: string }[];
};

/**
 * The cases of a run. Several tests of one case with the same parameters are one, as bad as the worst of them:
 * the importer would keep only the last.
 */
export function polarionCases(tests: readonly Test[], wanted: CasesWanted): CasesFound {
  const known = new Map(wanted.map.map((entry) => [keyOf(entry.test, entry.class), entry]));
  const used = new Set<CaseMapping>();
  const withoutId: Test[] = [];
  const overruled: { test: string; own: string; id: string }[] = [];
  const groups = new Map<string, { made: PolarionCase; name: string }[]>();
  for (const test of tests) {
    const entry = entryOf(test, known);
    if (entry) used.add(entry);
    const own = test.properties[wanted.idProperty]?.trim();
    const id = entry?.id ?? (own || (wanted.lookup === 'name' && !test.isSuite ? test.name : ''));
    if (id === '') {
      withoutId.push(test);
      continue;
    }
    if (entry && own && own !== entry.id) overruled.push({ test: testName(test), own, id });
    const made = caseOf(test, id, entry, wanted);
    const key = JSON.stringify([made.project ?? '', id, Object.entries(made.parameters).sort()]);
    const group = groups.get(key);
    if (group) group.push({ made, name: testName(test) });
    else groups.set(key, [{ made, name: testName(test) }]);
  }
  return {
    cases: Array.from(groups.values(), worst),
    withoutId,
    unused: wanted.map.filter((entry) => !used.has(entry)),
    overruled,
  };
}

const keyOf = (test: string, within: string | undefined): string => JSON.stringify([test, within ?? null]);

/** An entry that names the class is nearer than one that does not. */
function entryOf(test: Test, known: ReadonlyMap<string, CaseMapping>): CaseMapping | undefined {
  const around = [test.classname, test.suites.at(-1)].filter((one) => one !== undefined && one !== '');
  return [...around, undefined]
    .map((one) => known.get(keyOf(test.name, one)))
    .find((one) => one !== undefined);
}

const OWN_PARAMETER = 'polarion-parameter-';

function caseOf(test: Test, id: string, entry: CaseMapping | undefined, wanted: CasesWanted): PolarionCase {
  const outcome = outcomeOf(test, wanted);
  const own = Object.entries(test.properties).flatMap(([name, value]): [string, string][] =>
    name.startsWith(OWN_PARAMETER) ? [[name.slice(OWN_PARAMETER.length), value]] : [],
  );
  const project = entry?.project ?? test.properties['polarion-testcase-project-id'];
  const comment = [
    entry?.comment ?? test.properties['polarion-testcase-comment'],
    isFlaky(test) ? `flaky: ${test.failedRuns} of its runs failed before it passed` : undefined,
  ].filter((text) => text !== undefined);
  return {
    id,
    ...(project && { project }),
    name: test.name || testName(test),
    classname: test.classname || (test.suites.at(-1) ?? ''),
    outcome,
    ...(outcome !== 'passed' && { message: test.reason ?? (isFlaky(test) ? 'flaky' : '') }),
    ...(comment.length > 0 && { comment: comment.join('; ') }),
    parameters: { ...Object.fromEntries(own), ...entry?.parameters },
    seconds: test.seconds,
  };
}

function outcomeOf(test: Test, { errors, flaky }: CasesWanted): PolarionOutcome {
  if (test.outcome === 'errored') return errors;
  if (isFailed(test.outcome) || (flaky === 'fails' && isFlaky(test))) return 'failed';
  return test.outcome === 'skipped' ? 'waiting' : 'passed';
}

const BADNESS: Readonly<Record<PolarionOutcome, number>> = { failed: 3, blocked: 2, passed: 1, waiting: 0 };
const NAMED_MAX = 20;

function worst(group: readonly { readonly made: PolarionCase; readonly name: string }[]): PolarionCase {
  const first = group[0]!.made;
  if (group.length === 1) return first;
  const one = group.reduce(
    (bad, { made }) => (BADNESS[made.outcome] > BADNESS[bad.outcome] ? made : bad),
    first,
  );
  const names = group.slice(0, NAMED_MAX).map(({ name, made }) => `${name}: ${made.outcome}`);
  const more = group.length > NAMED_MAX ? [`and ${group.length - NAMED_MAX} more`] : [];
  return {
    ...one,
    comment: [...(one.comment === undefined ? [] : [one.comment]), ...names, ...more].join('; '),
    seconds: group.reduce((sum, { made }) => sum + made.seconds, 0),
  };
}

const ELEMENTS: Readonly<Record<Exclude<PolarionOutcome, 'passed'>, string>> = {
  failed: 'failure',
  blocked: 'error',
  waiting: 'skipped',
};

/** The run as XML for the importer. Its texts must be such that XML can say them: no control characters but line breaks. */
export function polarionXml({ properties, suite, cases }: PolarionRun): string {
  const count = (outcome: PolarionOutcome) => cases.filter((one) => one.outcome === outcome).length;
  const seconds = cases.reduce((sum, one) => sum + one.seconds, 0);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    ...propertyLines(properties, '  '),
    `  <testsuite name="${quoted(suite)}" tests="${cases.length}" failures="${count('failed')}" errors="${count('blocked')}" skipped="${count('waiting')}" time="${seconds.toFixed(4)}">`,
    ...cases.flatMap(caseLines),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function caseLines({ name, classname, seconds, outcome, message, ...one }: PolarionCase): string[] {
  const named = classname === '' ? '' : ` classname="${quoted(classname)}"`;
  const said = message === undefined || message === '' ? '' : ` message="${quoted(message)}"`;
  return [
    `    <testcase${named} name="${quoted(name)}" time="${seconds.toFixed(4)}">`,
    ...(outcome === 'passed' ? [] : [`      <${ELEMENTS[outcome]} type="${ELEMENTS[outcome]}"${said}/>`]),
    ...propertyLines(
      [
        ['polarion-testcase-id', one.id],
        ...(one.project === undefined ? [] : ([['polarion-testcase-project-id', one.project]] as const)),
        ...(one.comment === undefined ? [] : ([['polarion-testcase-comment', one.comment]] as const)),
        ...Object.entries(one.parameters).map(([key, value]) => [`${OWN_PARAMETER}${key}`, value] as const),
      ],
      '      ',
    ),
    '    </testcase>',
  ];
}

const propertyLines = (all: PolarionRun['properties'], indent: string): string[] => [
  `${indent}<properties>`,
  ...all.map(([name, value]) => `${indent}  <property name="${quoted(name)}" value="${quoted(value)}"/>`),
  `${indent}</properties>`,
];

const SIGNS: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** For an attribute in double quotes; line breaks and tabs as references, since a reader makes spaces of them. */
const quoted = (text: string): string =>
  text.replace(/[&<>"\n\t\r]/g, (sign) => SIGNS[sign] ?? `&#${sign.charCodeAt(0)};`);

/** Where what was read differs from what was meant; undefined when it does not. */
export function polarionDifference(meant: PolarionRun, read: PolarionRun): string | undefined {
  const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
  if (!same(meant.properties, read.properties)) return 'the properties of the run differ';
  if (meant.suite !== read.suite) return `its suite is ${read.suite}, not ${meant.suite}`;
  if (meant.cases.length !== read.cases.length)
    return `it holds ${read.cases.length} cases, not ${meant.cases.length}`;
  const at = meant.cases.findIndex((one, i) => !same(comparable(one), comparable(read.cases[i]!)));
  return at < 0 ? undefined : `case ${meant.cases[at]!.id} is not what was meant`;
}

const comparable = ({
  message = '',
  comment = '',
  project = '',
  parameters,
  seconds,
  ...one
}: PolarionCase) => [
  ...[one.id, project, one.name, one.classname, one.outcome, message, comment],
  Object.entries(parameters),
  seconds.toFixed(4),
];
