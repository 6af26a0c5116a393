import { HUB } from '../approval/approval.ts';
import type { Place } from '../hand-off/how-to.ts';
import type { Facts } from '../life/facts.ts';
import type { Fix } from '../life/fix.ts';

/** Something in a text that its readers must not be told: what it is, and where. */
export type GivenAway = { readonly what: string; readonly found: string };

/**
 * What a text for customers gives away: names of customers, of control planes and management clusters, of people, and
 * addresses of machines and repositories. Names of two letters and the word `unknown` are none.
 */
export function givenAway(
  text: string,
  {
    fix,
    facts,
    place,
    repository,
  }: { readonly fix: Fix; readonly facts: Facts; readonly place: Place; readonly repository: string },
): GivenAway[] {
  const found: GivenAway[] = [];
  for (const [what, names] of Object.entries(namesBehind(fix, facts, place)))
    for (const name of namesIn(text, names)) found.push({ what, found: name });
  for (const host of hostsIn(text, [hostOf(place.image), hostOf(repository)]))
    found.push({ what: 'a host', found: host });
  return found;
}

function namesBehind(
  fix: Fix,
  facts: Facts,
  { owners }: Place,
): Readonly<Record<string, ReadonlySet<string>>> {
  const customers = new Set<string>();
  const places = new Set<string>();
  for (const { customer, name, uid, managementCluster } of facts.fleet) {
    customers.add(customer);
    for (const one of [name, uid, managementCluster]) places.add(one);
  }
  const people = new Set(
    [
      fix.author,
      ...owners,
      ...[...fix.evidence, ...fix.waivers, ...fix.approvals].map(({ by }) => by),
    ].filter((name) => name !== HUB.name),
  );
  return {
    'a customer': customers,
    'a control plane or management cluster': places,
    'a person or team': people,
  };
}

const WORD = /[\p{L}\p{N}][\p{L}\p{N}._@-]*/gu;
const NAME_MIN = 3;

/** Names that stand in a text as whole words, whatever their case. */
function namesIn(text: string, names: ReadonlySet<string>): string[] {
  const bare = text.replaceAll('\\', '').toLowerCase();
  const words = new Set([...bare.matchAll(WORD)].flatMap(([word]) => [word, word.replace(/[._@-]+$/, '')]));
  return [...names].filter((name) => {
    const wanted = name.trim().toLowerCase();
    if (wanted.length < NAME_MIN || wanted === 'unknown') return false;
    return /^[\p{L}\p{N}][\p{L}\p{N}._@-]*$/u.test(wanted) ? words.has(wanted) : bare.includes(wanted);
  });
}

const INTERNAL =
  /\b(?:[a-z0-9-]+\.)+(?:svc|local|internal|intranet|corp|lan|cluster|localdomain)\b|\b\d{1,3}(?:\.\d{1,3}){3}\b(?!\.)|\blocalhost\b/gi;

function hostsIn(text: string, known: readonly (string | undefined)[]): string[] {
  const bare = text.replaceAll('\\', '').toLowerCase();
  const named = known.filter((host): host is string => host !== undefined && bare.includes(host));
  const others = [...bare.matchAll(INTERNAL)].map(([host]) => host);
  return [...new Set([...named, ...others.filter((host) => !named.some((one) => one.includes(host)))])];
}

/** `registry.example` of an image or an address; undefined where there is none. */
function hostOf(location: string): string | undefined {
  const rest = location.replace(/^[a-z+]+:\/\//, '').replace(/^[^@/]*@/, '');
  const host = /^([a-z0-9-]+(?:\.[a-z0-9-]+)+)(?::\d+)?(?:[/:]|$)/i.exec(rest)?.[1];
  return host?.toLowerCase();
}
