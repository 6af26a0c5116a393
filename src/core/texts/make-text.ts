import type { Instant } from '../base/instant.ts';
import { ok, type Refusal, type Result, refuse } from '../base/result.ts';
import type { Place } from '../hand-off/how-to.ts';
import type { Facts } from '../life/facts.ts';
import type { Fix } from '../life/fix.ts';
import { type GivenAway, givenAway, unallowable } from './give-away.ts';
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
  /** Words that somebody says name nobody, in a customer notice. */
  readonly allowed?: FixText['allowed'];
  readonly now: Instant;
}): Result<FixText, Refusal> {
  const { fix, facts, place, repository, kind, allowed = [], now } = input;
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
  if (!isForCustomers && allowed.length > 0)
    return refuse('invalid', `words are allowed in a customer notice alone: a ${kind} may name anybody`);
  const words = allowed.map(({ word }) => word);
  const odd = words.find((word) => !ONE_WORD.test(word));
  const wrong =
    odd === undefined
      ? unallowable(words, { fix, facts, place })
      : { word: odd, why: 'expected one word of letters and digits' };
  if (wrong !== undefined)
    return refuse('invalid', `${JSON.stringify(wrong.word)} cannot be allowed: ${wrong.why}`);
  const values = textValues(fix, facts, place, now);
  const filled = fillTemplate(template.value, values, isForCustomers ? NOTICE_MAX : TEXT_MAX);
  if (!filled.ok) return refuse('invalid', `template of the ${kind}: ${filled.error}`);
  const text = filled.value;
  const bad = isForCustomers ? givenAway(text, { fix, facts, place, repository, allowed: words }) : [];
  if (bad.length > 0) {
    const all = [...new Set(bad.map(({ what, found }) => `${what} (${found})`))];
    const named = all.slice(0, 5);
    return refuse(
      'invalid',
      `the customer notice would name ${named.join(', ')}${all.length > 5 ? ` and ${all.length - 5} more` : ''}: ` +
        `expected nobody and no place. Take it out of the template${allowText(bad)}`,
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
    ...(allowed.length > 0 && { allowed }),
  });
}

const ONE_WORD = /^(?=.*[\p{L}\p{N}])[\p{L}\p{N}\p{M}]{1,80}$/u;

/** Words of which a name is a part may be harmless; only a person can tell, word by word. */
function allowText(bad: readonly GivenAway[]): string {
  // A name that stands for itself somewhere, too, is not to be allowed anywhere before that is gone.
  const itself = new Set(bad.filter(({ word }) => word === undefined).map(({ found }) => found));
  const parts = bad.flatMap(({ found, word }) => (word === undefined || itself.has(found) ? [] : [word]));
  const words = [...new Set(parts)].filter((word) => ONE_WORD.test(word));
  if (words.length === 0) return '';
  const more = words.length > 5 ? ` and ${words.length - 5} more` : '';
  return `, or allow words that name nobody, each by itself: ${words.slice(0, 5).join(', ')}${more} (--allow WORD)`;
}
