import { byVersion } from '../assembly/lines.ts';
import { dayText, type Instant } from '../base/instant.ts';
import { type Place, pulledAs } from '../hand-off/how-to.ts';
import { cutText, markdownText, TITLE_MAX, WORDS_MAX } from '../hand-off/plain.ts';
import { isTakenBack } from '../life/debts.ts';
import type { Facts } from '../life/facts.ts';
import type { Fix, FixLine } from '../life/fix.ts';
import { isLeft, LEFT, type LineNow, linesNow } from '../views/lines-now.ts';
import { makeFixView } from '../views/make-fix-view.ts';
import { makePlanView } from '../views/make-plan-view.ts';
import type { Values } from './template.ts';

/** Everything a text may say of a fix, fit for Markdown. The kind decides which of it a template may name. */
export function textValues(fix: Fix, facts: Facts, place: Place, now: Instant): Values {
  const view = makeFixView(fix, facts, now);
  const plan = facts.plan && makePlanView(fix, facts.plan, facts, now);
  const nowOf = linesNow(fix, facts);
  const lines = Object.values(fix.lines)
    .filter((line) => !line.emptied)
    .map((line) => ({ ...line, onIt: nowOf(line) }));
  const built = lines.flatMap((line) =>
    line.build?.state === 'done' ? [lineValues(line, line.build, place)] : [],
  );
  const affected = lines.filter((line) => line.build?.state === 'done').flatMap(({ onIt }) => onIt.versions);
  return {
    fix: fix.id,
    title: markdownText(cutText(fix.title, TITLE_MAX)),
    reason: markdownText(cutText(fix.reason, WORDS_MAX)),
    symptom: markdownText(cutText(fix.symptom ?? '', WORDS_MAX)),
    incident: markdownText(cutText(fix.incident ?? '', TITLE_MAX)),
    severity: fix.severity,
    state: fix.state,
    headline: markdownText(cutText(view.headline, WORDS_MAX)),
    component: markdownText(fix.component),
    author: markdownText(fix.author),
    owners: markdownText(place.owners.join(', ')),
    versions: versionsText(affected),
    lines: built,
    has: lines
      .filter(({ assembly, notAffected }) => assembly?.outcome === 'contained' || notAffected !== undefined)
      // A release that was built again under its name has both.
      .filter(({ onIt }) => !onIt.versions.some((version) => affected.includes(version)))
      .map(({ onIt, notAffected }) => ({
        versions: versionsText(onIt.versions),
        because: notAffected ? 'does not have the fault' : 'contains the fix already',
      })),
    passengers: lines.flatMap(({ assembly }) =>
      (assembly?.passengers ?? []).map((commit) => ({ subject: `commit ${commit.slice(0, 12)}` })),
    ),
    ...standing(fix),
    reach:
      view.coverage.exposed === 0
        ? ''
        : `${view.coverage.patched} of ${view.coverage.exposed} exposed control planes have it`,
    exposed: `${view.coverage.exposed}`,
    patched: `${view.coverage.patched}`,
    plan: plan?.id ?? '',
    restarts: markdownText(plan?.restarts ?? ''),
    date: dayText(now),
  };
}

/** Where the fix is on its way, for texts that go out at any time: one of them says `yes`. */
function standing(fix: Fix): Readonly<Record<'coming' | 'there' | 'taken', string>> {
  const isTaken = fix.state === 'withdrawn' || isTakenBack(fix);
  const isThere = !isTaken && (fix.coveredAt !== undefined || fix.closed !== undefined);
  const yes = (is: boolean) => (is ? 'yes' : '');
  return { coming: yes(!isTaken && !isThere), there: yes(isThere), taken: yes(isTaken) };
}

function lineValues(
  { line, onIt }: FixLine & { readonly onIt: LineNow },
  { digest, commit }: FixLine['build'] & { state: 'done' },
  { image }: Place,
): Readonly<Record<string, string>> {
  return {
    line: markdownText(line.name),
    versions: versionsText(onIt.versions),
    digest,
    image: plainId(pulledAs(image, digest)),
    candidate: commit,
    planes: `${onIt.targets}`,
    left: isLeft(onIt) ? LEFT : '',
  };
}

const versionsText = (versions: readonly string[]): string =>
  [...new Set(versions)].sort(byVersion).map(markdownText).join(', ');

/** Names stay as they are in code; what is no name is text. */
const plainId = (text: string): string => (/^[\w.:/@+-]+$/.test(text) ? text : markdownText(text));
