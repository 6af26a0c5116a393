import { short } from '../../core/base/ids.ts';
import { clockText, durationText, type Instant, type Ms, msBetween } from '../../core/base/instant.ts';
import type { Evidence, Waiver } from '../../core/proof/proof.ts';
import type { TimelineEntry } from '../../core/views/target-view.ts';
import type { AgentRow, EvidenceAnswer, Person, Verified } from '../shapes.ts';
import { findingText } from './findings.ts';
import { laneTable } from './lanes.ts';
import { clean, type Paper, screen, tint, wrap } from './paper.ts';
import { type Column, table } from './table.ts';
import { atText, truncation } from './targets.ts';

/** Columns of people may be broken. */
const columnOf = (title: string): Column =>
  title === 'BY' || title === 'WHO' ? { title, breaks: true } : { title };

type About = { readonly now: Instant; readonly total: number; readonly more: string };

export function renderAgents(list: readonly AgentRow[], about: About, paper: Paper): string {
  if (list.length === 0) return screen(['No agent has reported yet.', '  next   fleetfix doctor'], paper);
  // A simulated fleet has none that enrolled.
  const enrolled = list.some(({ agent }) => agent !== undefined);
  const rows = clean(list).map((agent) => [
    agent.managementCluster,
    String(agent.planes),
    agent.reportedAt === undefined ? 'never' : atText(agent.reportedAt, about.now),
    isQuiet(agent.reportedAt, about.now) ? tint(paper, 'silent') : tint(paper, 'ok'),
    ...(enrolled ? [agent.agent ?? 'none', enrolledText(agent, about.now)] : []),
  ]);
  const titles = [
    'MGMT CLUSTER',
    'PLANES',
    'LAST REPORT',
    'STATE',
    ...(enrolled ? ['AGENT', 'ENROLLED'] : []),
  ];
  const columns = titles.map((title) => ({ title }));
  return screen([...table(columns, rows, paper), ...truncation(rows.length, about.total, about.more)], paper);
}

const QUIET_MS: Ms = 600_000;

/** Whether an agent has said nothing, ever or for ten minutes: the usual limit of policies. */
export const isQuiet = (reportedAt: Instant | undefined, now: Instant): boolean =>
  reportedAt === undefined || msBetween(reportedAt, now) > QUIET_MS;

const enrolledText = ({ enrolledAt }: AgentRow, now: Instant): string =>
  enrolledAt === undefined ? '-' : clockText(enrolledAt, now);

export function renderPeople(list: readonly Person[], about: About, paper: Paper): string {
  const rows = clean(list).map((person) => [person.name, person.roles.join(', ')]);
  const lines = table([{ title: 'NAME' }, { title: 'ROLES' }], rows, paper);
  return screen([...lines, ...truncation(rows.length, about.total, about.more)], paper);
}

export function renderEvidence(answer: EvidenceAnswer, about: About, paper: Paper): string {
  const { evidence, waivers } = clean(answer);
  if (evidence.length + waivers.length === 0) return screen(['No evidence yet.'], paper);
  const rows = evidence.map((e) => evidenceRow(e, about.now, paper));
  const columns = ['GATE', 'LINE', 'RESULT', 'DIGEST', 'BY', 'AT', 'NOTE'].map(columnOf);
  const waived = waivers.map((w) => waiverRow(w, about.now));
  const waiverColumns = ['WAIVED GATE', 'BY', 'AT', 'ENDS', 'REASON'].map(columnOf);
  return screen(
    [
      ...(rows.length > 0 ? table(columns, rows, paper) : ['No evidence yet.']),
      ...truncation(rows.length, about.total, about.more),
      ...(waived.length > 0 ? ['', ...table(waiverColumns, waived, paper)] : []),
      ...evidence.flatMap((e) => foundLines(e, paper)),
    ],
    paper,
  );
}

/** What a check found, below the table: places are too long for a column. */
function foundLines({ gate, line, digest, findings = [] }: Evidence, paper: Paper): string[] {
  if (findings.length === 0) return [];
  const found = findings.map((one) => wrap(`  ${findingText(one)}`, paper.width, 4));
  return ['', `Found by ${gate} on ${line} (${short(digest)})`, ...found];
}

const RESULT_TEXT = { pass: 'passed', fail: 'failed', unclear: 'unclear' } as const;

function evidenceRow(evidence: Evidence, now: Instant, paper: Paper): string[] {
  const { counts } = evidence;
  const tests = counts
    ? `${counts.tests - counts.failures - counts.skipped} of ${counts.tests} tests passed`
    : '';
  return [
    evidence.gate,
    evidence.line,
    `${tint(paper, RESULT_TEXT[evidence.result])}${evidence.retried ? ', retried' : ''}`,
    short(evidence.digest),
    evidence.by,
    clockText(evidence.at, now),
    // A note of a report says the counts already.
    [evidence.note, evidence.note?.includes('tests') ? '' : tests].filter((part) => part).join(' · '),
  ];
}

function waiverRow(waiver: Waiver, now: Instant): string[] {
  const ends = waiver.expiresAt > now ? 'in' : 'ended';
  const ms = Math.abs(msBetween(now, waiver.expiresAt));
  return [
    waiver.gate,
    waiver.by,
    clockText(waiver.at, now),
    `${ends} ${durationText(ms)}${ends === 'ended' ? ' ago' : ''}`,
    waiver.reason,
  ];
}

export function renderTimeline(list: readonly TimelineEntry[], about: About, paper: Paper): string {
  if (list.length === 0) return screen(['Nothing has happened yet.'], paper);
  const rows = clean(list).map((entry) => [
    clockText(entry.at, about.now),
    `v${entry.version}`,
    entry.author,
    entry.surface,
    ...(paper.wide ? [entry.type, entry.seen ? `v${entry.seen}` : '-', String(entry.seq)] : []),
    entry.text,
  ]);
  const columns = [
    'AT',
    'VERSION',
    'WHO',
    'BY WAY OF',
    ...(paper.wide ? ['TYPE', 'HAD SEEN', 'SEQ'] : []),
    'WHAT',
  ];
  const lines = table(columns.map(columnOf), rows, paper);
  return screen([...lines, ...truncation(rows.length, about.total, about.more)], paper);
}

export function renderVerified(verified: Verified, paper: Paper): string {
  const answer = clean(verified);
  const broken = answer.fixes.filter((fix) => !fix.verified);
  if (answer.verified)
    return screen(
      [`verified: ${answer.events} events of ${answer.fixes.length} fixes, every hash holds`],
      paper,
    );
  const rows = broken.map((fix) => [
    fix.fix,
    tint(paper, 'broken'),
    fix.broken ? `event ${fix.broken.version}, row ${fix.broken.seq}` : '-',
    fix.broken?.because ?? '-',
  ]);
  return screen(
    [
      `NOT VERIFIED: ${broken.length} of ${answer.fixes.length} fixes`,
      '',
      ...table(
        [{ title: 'FIX' }, { title: 'STATE' }, { title: 'FIRST BROKEN' }, { title: 'BECAUSE' }],
        rows,
        paper,
      ),
    ],
    paper,
  );
}

/** Policies and components: what is said of them on one line each, and the lanes of policies; everything is in `-o yaml`. */
export function renderNamed(list: readonly unknown[], about: About & { noun: string }, paper: Paper): string {
  if (list.length === 0) return screen([`No ${about.noun}.`], paper);
  const rows = clean(list).map((item) => {
    const { name, ...rest } = (item ?? {}) as Record<string, unknown>;
    return [String(name ?? '-'), summary(rest)];
  });
  const lines = table([{ title: 'NAME' }, { title: 'FACTS' }], rows, paper);
  const lanes = about.noun === 'policies' ? laneTable(clean(list), paper) : [];
  return screen(
    [
      ...lines,
      ...truncation(rows.length, about.total, about.more),
      '',
      ...(lanes.length > 0 ? [...lanes, ''] : []),
      `everything: fleetfix get ${about.noun} -o yaml`,
    ],
    paper,
  );
}

/** The plain facts of an object: what is nested deeper is left to `-o yaml`. */
function summary(facts: Readonly<Record<string, unknown>>): string {
  return Object.entries(facts)
    .map(([key, value]) => [key, factText(key, value)] as const)
    .filter(([, text]) => text !== '')
    .map(([key, text]) => `${key.replace(/Ms$/, '')} ${text}`)
    .join(' · ');
}

/** Of a policy as it was configured, in milliseconds. */
const LENGTHS: ReadonlySet<string> = new Set(['convergeWithin', 'silentAfter', 'planValid']);

function factText(key: string, value: unknown): string {
  if (typeof value === 'number')
    return LENGTHS.has(key) || /Ms$/.test(key) ? durationText(value) : String(value);
  if (typeof value === 'string' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) {
    const names = value.map((item) =>
      typeof item === 'string' ? item : (item as { name?: unknown } | null)?.name,
    );
    return names.every((name) => typeof name === 'string') ? names.join(', ') : '';
  }
  return '';
}
