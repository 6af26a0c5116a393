import { HUB } from '../approval/approval.ts';
import type { Place } from '../hand-off/how-to.ts';
import type { Facts } from '../life/facts.ts';
import type { Fix } from '../life/fix.ts';
import { hostOf, hostsIn, mailIn } from './hosts-in.ts';
import { type NameFound, type Names, namesIn, namesOf, nameThatIs } from './names-in.ts';
import { folded, readingsOf } from './readings.ts';

/** Something in a text that its readers must not be told: what it is, and where. `word`: the word that a name is no more than a part of. */
export type GivenAway = { readonly what: string; readonly found: string; readonly word?: string };

/**
 * What a text for customers gives away to who sees it as Markdown or as it is written: names of customers, of control
 * planes and management clusters, of people, addresses of machines, repositories and people, and entities of which
 * nobody knows what they show. The digests of the fix are not looked into, nor, for names, words that a person `allowed`.
 */
export function givenAway(
  text: string,
  {
    fix,
    facts,
    place,
    repository,
    allowed = [],
  }: {
    readonly fix: Fix;
    readonly facts: Facts;
    readonly place: Place;
    readonly repository: string;
    readonly allowed?: readonly string[];
  },
): GivenAway[] {
  const found: GivenAway[] = [];
  const { texts, unread } = readingsOf(withoutDigests(text, fix));
  const add = (what: string, each: (reading: string) => readonly string[]) => {
    for (const one of new Set(texts.flatMap(each))) found.push({ what, found: one });
  };
  const passed = new Set(allowed.map(folded));
  for (const [what, names] of namesBehind({ fix, facts, place })) {
    const all = texts.flatMap((reading) => namesIn(reading, names, passed));
    for (const { name, word, address } of distinct(all))
      found.push({
        what,
        found: address === undefined ? name : `${name} in ${address.slice(0, ADDRESS_CHARS_MAX)}`,
        ...(word !== undefined && { word }),
      });
  }
  const known = [hostOf(place.image), hostOf(repository)].filter((host) => host !== undefined);
  const hosts = texts.flatMap((reading) => hostsIn(reading, known));
  // Without its brackets an address runs into its port: it is named once, as it was found first.
  for (const host of new Set(hosts))
    if (!hosts.some((other) => other !== host && host.startsWith(other)))
      found.push({ what: 'a host', found: host });
  add('an e-mail address', mailIn);
  for (const entity of unread) found.push({ what: 'an unknown sign', found: entity });
  return found;
}

const ADDRESS_CHARS_MAX = 80;

/** The first of these words that cannot be allowed, with why: one that is a name would let that name through. */
export function unallowable(
  words: readonly string[],
  about: { readonly fix: Fix; readonly facts: Facts; readonly place: Place },
): { readonly word: string; readonly why: string } | undefined {
  if (words.length === 0) return undefined;
  const behind = namesBehind(about);
  for (const word of words)
    for (const [what, names] of behind) {
      const name = nameThatIs(word, names);
      if (name !== undefined) return { word, why: `it is the name of ${what} (${name})` };
    }
  return undefined;
}

/** Each name once for each word it is a part of and address it is in, and once where it stands for itself. */
const distinct = (all: readonly NameFound[]): NameFound[] => [
  ...new Map(all.map((one) => [`${one.name} ${one.word ?? ''} ${one.address ?? ''}`, one])).values(),
];

/** A digest may hold any short name by chance, and is what the notice is about. */
function withoutDigests(text: string, fix: Fix): string {
  const digests = Object.values(fix.lines).flatMap(({ build }) =>
    build?.state === 'done' ? [build.digest] : [],
  );
  return digests.reduce((rest, digest) => rest.replaceAll(digest, ' . '), text);
}

/** What stands for a customer where none is known. */
const NOBODY = 'unknown';

function namesBehind({
  fix,
  facts,
  place: { owners },
}: {
  readonly fix: Fix;
  readonly facts: Facts;
  readonly place: Place;
}): (readonly [what: string, names: Names])[] {
  const customers = new Set<string>();
  const places = new Set<string>();
  for (const { customer, name, uid, managementCluster } of facts.fleet) {
    if (customer.trim().toLowerCase() !== NOBODY) customers.add(customer);
    for (const one of [name, uid, managementCluster]) if (one !== NOBODY) places.add(one);
  }
  const people = new Set(
    [
      fix.author,
      ...owners,
      ...[...fix.evidence, ...fix.waivers, ...fix.approvals].map(({ by }) => by),
    ].filter((name) => name !== HUB.name),
  );
  const behind = {
    'a customer': customers,
    'a control plane or management cluster': places,
    'a person or team': people,
  };
  return Object.entries(behind).map(([what, named]) => [
    what,
    namesOf(named, (name) => readingsOf(name).texts),
  ]);
}
