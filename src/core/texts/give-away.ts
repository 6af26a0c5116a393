import { HUB } from '../approval/approval.ts';
import type { Place } from '../hand-off/how-to.ts';
import type { Facts } from '../life/facts.ts';
import type { Fix } from '../life/fix.ts';
import { hostOf, hostsIn, mailIn } from './hosts-in.ts';
import { namesIn, namesOf } from './names-in.ts';
import { readingsOf } from './readings.ts';

/** Something in a text that its readers must not be told: what it is, and where. */
export type GivenAway = { readonly what: string; readonly found: string };

/**
 * What a text for customers gives away to who sees it as Markdown or as it is written: names of customers, of control
 * planes and management clusters, of people, addresses of machines, repositories and people, and entities of which
 * nobody knows what they show. The digests of the fix are not looked into.
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
  const { texts, unread } = readingsOf(withoutDigests(text, fix));
  const add = (what: string, each: (reading: string) => readonly string[]) => {
    for (const one of new Set(texts.flatMap(each))) found.push({ what, found: one });
  };
  for (const [what, named] of Object.entries(namesBehind(fix, facts, place))) {
    const names = namesOf(named, (name) => readingsOf(name).texts);
    add(what, (reading) => namesIn(reading, names));
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

/** A digest may hold any short name by chance, and is what the notice is about. */
function withoutDigests(text: string, fix: Fix): string {
  const digests = Object.values(fix.lines).flatMap(({ build }) =>
    build?.state === 'done' ? [build.digest] : [],
  );
  return digests.reduce((rest, digest) => rest.replaceAll(digest, ' . '), text);
}

/** What stands for a customer where none is known. */
const NOBODY = 'unknown';

function namesBehind(
  fix: Fix,
  facts: Facts,
  { owners }: Place,
): Readonly<Record<string, ReadonlySet<string>>> {
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
  return {
    'a customer': customers,
    'a control plane or management cluster': places,
    'a person or team': people,
  };
}
