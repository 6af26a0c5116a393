const INSIDE = new Set([
  ...['svc', 'local', 'internal', 'intranet', 'corp', 'lan', 'cluster', 'localdomain'],
]);

/** Hosts that are `known`, names that mean something only inside, and addresses of both kinds. `text`: in small letters. */
export function hostsIn(text: string, known: readonly string[]): string[] {
  const named = known.filter((host) => text.includes(host));
  const others = [...insideNames(text), ...addresses(text)];
  return [...new Set([...named, ...others.filter((host) => !named.some((one) => one.includes(host)))])];
}

/** `hub.fleet.svc` of a longer name, and `localhost`. */
const insideNames = (text: string): string[] =>
  (text.match(/[\p{L}\p{N}.-]+/gu) ?? []).flatMap((run) => {
    const labels = run.split('.').filter((label) => label !== '');
    if (labels.includes('localhost')) return ['localhost'];
    const last = labels.findLastIndex((label, at) => at > 0 && INSIDE.has(label));
    return last === -1 ? [] : [labels.slice(0, last + 1).join('.')];
  });

const IPV4 = /(?<![0-9])(?<![0-9]\.)[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![0-9]|\.[0-9])/g;
const GROUP = '[0-9a-f]{1,4}';
const IPV6 = new RegExp(
  `(?<![0-9a-z])(?:(?:${GROUP}:){7}${GROUP}|(?:${GROUP}(?::${GROUP}){0,6})?::(?:${GROUP}(?::${GROUP}){0,6})?)(?![0-9a-z])`,
  'g',
);

/** `::` alone names nothing; times such as `20:00:00` have neither two colons nor eight groups. */
const addresses = (text: string): string[] => [
  ...(text.match(IPV4) ?? []),
  ...(text.match(IPV6) ?? []).filter((address) => address !== '::'),
];

/** Where something is that is reached by a name: `from` and `to` in the text. */
export type Address = { readonly from: number; readonly to: number; readonly text: string };

/** Addresses with `//`, and what Markdown and HTML link to, whatever they look like. */
const LINK =
  /(?:[a-z][a-z0-9+.-]{0,30}:)?\/\/[^\s<>"]+|(?<=\]\( ?<?|\]: ?<?)[^\s)<>]+|(?<=(?:href|src) ?= ?["']?)[^\s"'>]+/g;
/** A piece of a text that can be an address as a whole: signs that part words from each other in a text end it. */
const PIECE = /[^\s<>()[\]"'“”‘’,;|`*{}]+/g;
/** Names with a dot in them, a port, a person `@` somewhere, and paths from a root. */
const IS_ADDRESS = /[\p{L}\p{N}][.\u3002][\p{L}\p{N}]|[\p{L}\p{N}]:[0-9]|@[\p{L}\p{N}]|^\/[\p{L}\p{N}]/u;

/**
 * Hosts, with or without a port, links, paths and e-mail addresses of a text in small letters, in their order, none
 * within another. Rather too much than too little: `left.Right` counts as one.
 */
export function addressesIn(text: string): Address[] {
  const all = [
    ...placesOf(text, LINK),
    ...placesOf(text, PIECE).filter((piece) => IS_ADDRESS.test(piece.text)),
  ].sort((a, b) => a.from - b.from);
  const apart: Address[] = [];
  for (const one of all) {
    const last = apart.at(-1);
    if (last === undefined || one.from >= last.to) apart.push(one);
    else if (one.to > last.to)
      apart[apart.length - 1] = { from: last.from, to: one.to, text: text.slice(last.from, one.to) };
  }
  return apart;
}

const placesOf = (text: string, pattern: RegExp): Address[] =>
  [...text.matchAll(pattern)].map(({ 0: found, index }) => ({
    from: index,
    to: index + found.length,
    text: found,
  }));

const LOCAL_MAX = 64;
const DOMAIN_MAX = 255;

/** Addresses of people: something, `@`, and a name with a dot. */
export const mailIn = (text: string): string[] =>
  [...text.matchAll(/@/g)].flatMap(({ index }) => {
    const local = /[^\s<>()[\]",;:@]+$/.exec(text.slice(Math.max(0, index - LOCAL_MAX), index))?.[0];
    const domain = /^[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/u.exec(
      text.slice(index + 1, index + 1 + DOMAIN_MAX),
    )?.[0];
    return local === undefined || domain === undefined ? [] : [`${local}@${domain}`];
  });

/** `registry.example` of an image or an address; undefined where there is none. */
export function hostOf(location: string): string | undefined {
  const rest = location.replace(/^[a-z+]+:\/\//, '').replace(/^[^@/]*@/, '');
  const host = /^([a-z0-9-]+(?:\.[a-z0-9-]+)+)(?::\d+)?(?:[/:]|$)/i.exec(rest)?.[1];
  return host?.toLowerCase();
}
