import type { Instant } from '../base/instant.ts';
import { ok, type Refusal, type Result, refuse } from '../base/result.ts';
import type { Place } from '../hand-off/how-to.ts';
import type { Facts } from '../life/facts.ts';
import type { Fix } from '../life/fix.ts';
import { givenAway } from './give-away.ts';
import { fillTemplate, readTemplate, TEXT_MAX } from './template.ts';
import { type FixText, TEXT_SHAPES, type TextKind } from './text-kinds.ts';
import { textValues } from './text-values.ts';

/** Each name of the fleet is looked for in it, so that a notice is shorter than a text may be. */
const NOTICE_MAX = 64 * 1024;

/**
 * A text of a fix, from its record alone. Refused: a template that names what is not there for this kind, one that
 * makes too long a text, a fix of which nothing is built yet, and a customer notice that gives away what customers must not read.
 */
export function makeText(input: {
  readonly fix: Fix;
  readonly facts: Facts;
  readonly place: Place;
  /** Where the source is; its host must not be named to customers. */
  readonly repository: string;
  readonly kind: TextKind;
  readonly template: { readonly text: string; readonly from: FixText['template'] };
  readonly now: Instant;
}): Result<FixText, Refusal> {
  const { fix, facts, place, repository, kind, now } = input;
  const template = readTemplate(input.template.text, TEXT_SHAPES[kind]);
  if (!template.ok) return refuse('invalid', `template of the ${kind}: ${template.error}`);
  const images = Object.values(fix.lines).flatMap(({ line, build, emptied }) =>
    build?.state === 'done' && !emptied ? [{ line: line.name, digest: build.digest }] : [],
  );
  if (images.length === 0)
    return refuse('wrong-state', `${fix.id} has no image yet, so there is nothing to tell of it`, {
      next: [`fleetfix status ${fix.id}`],
    });
  const isForCustomers = kind === 'customer-notice';
  const values = textValues(fix, facts, place, now);
  const filled = fillTemplate(template.value, values, isForCustomers ? NOTICE_MAX : TEXT_MAX);
  if (!filled.ok) return refuse('invalid', `template of the ${kind}: ${filled.error}`);
  const text = filled.value;
  const bad = isForCustomers ? givenAway(text, { fix, facts, place, repository }) : [];
  if (bad.length > 0) {
    const named = bad.slice(0, 5).map(({ what, found }) => `${what} (${found})`);
    return refuse(
      'invalid',
      `the customer notice would name ${named.join(', ')}${bad.length > 5 ? ` and ${bad.length - 5} more` : ''}: ` +
        'expected nobody and no place. Take it out of the template',
    );
  }
  return ok({
    fix: fix.id,
    version: fix.version,
    at: now,
    kind,
    template: input.template.from,
    text,
    images,
  });
}
