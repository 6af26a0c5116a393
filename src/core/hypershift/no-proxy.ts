/**
 * Whether a no-proxy list exempts an address, as Go's golang.org/x/net/http/httpproxy decides it, which HyperShift asks:
 * `*`, CIDRs, addresses and domains (with `.` or `*.` in front: only below it), each perhaps with a port.
 * An entry that is not ASCII exempts nothing here; there it is turned into Punycode first.
 */
export function isExempt(
  noProxy: string,
  { host, port }: { readonly host: string; readonly port: number },
): boolean {
  const name = host.trim().toLowerCase();
  if (name === 'localhost') return true;
  const address = parseIp(name);
  if (address !== undefined && isLoopback(address)) return true;
  return noProxy
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .some((entry) => entry !== '' && matches(entry, { name, address, port: String(port) }));
}

type Target = { readonly name: string; readonly address: Ip | undefined; readonly port: string };
/** 4 or 16 bytes; a mapped IPv4 address is 4. */
type Ip = readonly number[];

function matches(entry: string, target: Target): boolean {
  if (entry === '*') return true;
  const network = parseCidr(entry);
  if (network !== undefined) return target.address !== undefined && isWithin(target.address, network);
  const { host, port } = splitPort(entry);
  if (port !== '' && port !== target.port) return false;
  const address = parseIp(host);
  if (address !== undefined) return target.address !== undefined && isSame(address, target.address);
  return host !== '' && target.address === undefined && isOfDomain(target.name, host);
}

function isOfDomain(name: string, host: string): boolean {
  const domain = host.startsWith('*.') ? host.slice(1) : host;
  return domain.startsWith('.') ? name.endsWith(domain) : name === domain || name.endsWith(`.${domain}`);
}

/** `host:port` or `[v6]:port`; an address with many colons and no brackets has no port. */
function splitPort(entry: string): { readonly host: string; readonly port: string } {
  const bracketed = /^\[([^\]]*)\]:([^:]*)$/.exec(entry);
  if (bracketed) return { host: bracketed[1]!, port: bracketed[2]! };
  const plain = /^([^:[\]]*):([^:]*)$/.exec(entry);
  return plain ? { host: plain[1]!, port: plain[2]! } : { host: entry, port: '' };
}

const isLoopback = (ip: Ip): boolean =>
  ip.length === 4 ? ip[0] === 127 : ip.every((byte, at) => byte === (at === 15 ? 1 : 0));

const isSame = (a: Ip, b: Ip): boolean => a.length === b.length && a.every((byte, at) => byte === b[at]);

function parseCidr(text: string): { readonly ip: Ip; readonly bits: number } | undefined {
  const parts = /^([^/]+)\/(\d{1,3})$/.exec(text);
  const ip = parts ? parseIp(parts[1]!) : undefined;
  const bits = Number(parts?.[2]);
  if (ip === undefined || bits > ip.length * 8) return undefined;
  return { ip, bits };
}

function isWithin(ip: Ip, { ip: network, bits }: { readonly ip: Ip; readonly bits: number }): boolean {
  if (ip.length !== network.length) return false;
  return network.every((byte, at) => {
    const left = Math.min(Math.max(bits - at * 8, 0), 8);
    const mask = (0xff << (8 - left)) & 0xff;
    return (byte & mask) === (ip[at]! & mask);
  });
}

function parseIp(text: string): Ip | undefined {
  const four = parseV4(text);
  if (four !== undefined) return four;
  const six = text.includes(':') ? parseV6(text) : undefined;
  const mapped = six?.slice(0, 12).every((byte, at) => byte === (at < 10 ? 0 : 0xff));
  return mapped ? six!.slice(12) : six;
}

function parseV4(text: string): Ip | undefined {
  const parts = text.split('.');
  const right = parts.length === 4 && parts.every((p) => /^(0|[1-9]\d{0,2})$/.test(p) && Number(p) <= 255);
  return right ? parts.map(Number) : undefined;
}

function parseV6(text: string): Ip | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map(bytesOf);
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined;
  if (halves.length === 1) return head.length === 16 ? head : undefined;
  const missing = 16 - head.length - tail!.length;
  return missing >= 2 ? [...head, ...Array(missing).fill(0), ...tail!] : undefined;
}

/** Bytes of groups between colons, of which the last may be a dotted IPv4 address. */
function bytesOf(text: string): number[] | undefined {
  if (text === '') return [];
  const groups = text.split(':');
  const bytes: number[] = [];
  for (const [at, group] of groups.entries()) {
    const dotted = at === groups.length - 1 ? parseV4(group) : undefined;
    if (dotted) bytes.push(...dotted);
    else if (/^[0-9a-f]{1,4}$/.test(group))
      bytes.push(Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff);
    else return undefined;
  }
  return bytes;
}
