import { isIP } from 'node:net';
import { linkProblem } from '../../core/proof/closing-item.ts';
import { LinkProblem } from '../../ports/links.ts';
import type { LinksConfig } from '../../wire/closing.ts';
import { isPrivate } from './private-address.ts';

/** An address that may be asked; `inside`: it may lead into a private network. */
export type Allowed = { readonly url: URL; readonly inside: boolean };

/** Whether an address that somebody showed may be asked. Throws a `LinkProblem` that says what to add where. */
export function allowed(address: string, config: LinksConfig): Allowed {
  const problem = linkProblem(address);
  if (problem !== undefined)
    throw new LinkProblem('refused', `the link is refused: ${problem}`, 'show one with https://');
  const url = new URL(address);
  if (!config.hosts.includes(url.host)) throw notNamed(url.host, config);
  return within(url, config);
}

/** The same for the API of a forge: that the configuration gives its address is leave to ask it. */
export function allowedApi(host: string, path: string, config: LinksConfig): Allowed {
  if (!config.hosts.includes(host)) throw notNamed(host, config);
  const base = config.github[host];
  if (base === undefined)
    throw new LinkProblem(
      'refused',
      `it is not known where the API of ${host} is`,
      `say it in the hub's configuration: links: { github: { ${host}: https://${host}/api/v3 } }`,
    );
  return within(new URL(`${base.replace(/\/+$/, '')}${path}`), config);
}

function within(url: URL, config: LinksConfig): Allowed {
  const { host, protocol } = url;
  if (protocol !== 'https:' && !config.plainHttp.includes(host))
    throw new LinkProblem(
      'refused',
      `${host} would be asked without TLS`,
      `show the address with https://, or add the host in the hub's configuration: links: { plainHttp: [${host}] }`,
    );
  const inside = config.inside.includes(host);
  const ip = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (!inside && isIP(ip) !== 0 && isPrivate(ip)) throw notInside(host);
  return { url, inside };
}

function notNamed(host: string, { hosts }: LinksConfig): LinkProblem {
  const there = hosts.length === 0 ? 'no host is' : `allowed are ${hosts.slice(0, 10).join(', ')}`;
  const next = `add it in the hub's configuration: links: { hosts: [${host}] } (docs/closing.md), then start the hub again`;
  return new LinkProblem('refused', `${host} may not be asked: ${there}`, next);
}

export const notInside = (host: string): LinkProblem =>
  new LinkProblem(
    'refused',
    `${host} is at an address of this machine or of a private network`,
    `if it is meant to be, add it in the hub's configuration: links: { inside: [${host}] }`,
  );
