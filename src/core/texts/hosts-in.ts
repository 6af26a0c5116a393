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
