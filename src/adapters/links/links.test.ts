// Goal: the hub looks at what people show, and at nothing else: no address that somebody thinks of makes it ask this machine, its
// neighbours or a host nobody named, give away a token, or read for ever. GitHub cannot be asked here: a server on this machine
// answers as its documentation says.
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { linksContract } from '../../ports/links.contract.ts';
import type { PullRequestSeen } from '../../ports/links.ts';
import { memoryLinks } from '../../ports/testing-links.ts';
import { type LinksConfig, linksSchema } from '../../wire/closing.ts';
import type { Lookup } from './ask.ts';
import { createLinks, type LinksOptions } from './index.ts';
import { isPrivate } from './private-address.ts';
import { readPage } from './read.ts';
import { loopbackWeb, pullAnswer } from './testing.ts';

const HEX = 'ab'.repeat(32);
const MERGE = '1'.repeat(40);
const ends = new AbortController().signal;
const dir = mkdtempSync(join(tmpdir(), 'fleetfix-links-'));
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const web of open.splice(0)) await web.close();
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function webOf(
  paths: Parameters<typeof loopbackWeb>[0],
  options: LinksOptions = {},
  over: Partial<LinksConfig> = {},
) {
  const web = await loopbackWeb(paths);
  open.push(web);
  return { ...web, links: createLinks({ ...web.config, ...over }, options) };
}

const seen: PullRequestSeen = {
  repository: 'example/lease',
  merged: true,
  state: 'closed',
  commit: MERGE,
  branch: 'main',
  commits: 3,
};
const unmerged: PullRequestSeen = {
  repository: 'example/lease',
  merged: false,
  state: 'open',
  branch: 'main',
  commits: 3,
};

describe('over the network', () =>
  linksContract(async () => {
    const pull = (number: number, merged: boolean) =>
      pullAnswer({ repository: 'example/lease', number, merged, commit: MERGE, commits: 3 });
    const web = await webOf({
      '/erratum': `<p>sha256:${HEX}</p>`,
      '/api/v3/repos/example/lease/pulls/7': pull(7, true),
      '/api/v3/repos/example/lease/pulls/8': pull(8, false),
    });
    const of = { host: web.host, repository: 'example/lease' };
    return {
      links: web.links,
      page: web.url('/erratum'),
      text: HEX,
      missing: web.url('/nothing'),
      elsewhere: 'https://elsewhere.example/erratum',
      merged: { ...of, number: 7, seen },
      open: { ...of, number: 8 },
    };
  }));

describe('in memory', () =>
  linksContract(async () => ({
    links: memoryLinks({
      hosts: ['docs.example'],
      pages: { 'https://docs.example/erratum': HEX },
      pulls: { 'docs.example/example/lease#7': seen, 'docs.example/example/lease#8': unmerged },
    }),
    page: 'https://docs.example/erratum',
    text: HEX,
    missing: 'https://docs.example/nothing',
    elsewhere: 'https://elsewhere.example/erratum',
    merged: { host: 'docs.example', repository: 'example/lease', number: 7, seen },
    open: { host: 'docs.example', repository: 'example/lease', number: 8 },
  })));

/** Every name leads there; nothing may be asked by that. */
const leadsTo =
  (...addresses: string[]): Lookup =>
  (_, done) =>
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );

describe('what must not be asked', () => {
  const config = (...hosts: string[]) => linksSchema.parse({ hosts, plainHttp: hosts });

  test('nothing may where nothing is configured, and the line to add is said', async () => {
    await expect(createLinks().page('https://docs.example/7', [], ends)).rejects.toMatchObject({
      trouble: 'refused',
      message: 'docs.example may not be asked: no host is',
      next: expect.stringContaining('links: { hosts: [docs.example] }'),
    });
  });

  test.each([
    'file:///etc/passwd',
    'ftp://docs.example/7',
    'https://user:pass@docs.example/7',
    'data:text/plain,x',
    'docs',
    `https://docs.example/${'x'.repeat(3_000)}`,
  ])('no %s', async (address) => {
    const links = createLinks(config('docs.example'));
    await expect(links.page(address, [], ends)).rejects.toMatchObject({ trouble: 'refused' });
  });

  test('a host without TLS only where the configuration says so', async () => {
    const links = createLinks(linksSchema.parse({ hosts: ['docs.example'] }));
    await expect(links.page('http://docs.example/7', [], ends)).rejects.toMatchObject({
      trouble: 'refused',
      message: 'docs.example would be asked without TLS',
    });
  });

  test.each([
    ['http://169.254.169.254/latest/meta-data/', '169.254.169.254'],
    ['http://127.0.0.1/', '127.0.0.1'],
    ['http://2130706433/', '127.0.0.1'],
    ['http://0x7f.1/', '127.0.0.1'],
    ['http://0/', '0.0.0.0'],
    ['http://[::1]/', '[::1]'],
    ['http://[::ffff:169.254.169.254]/', '[::ffff:a9fe:a9fe]'],
    ['http://[64:ff9b::7f00:1]/', '[64:ff9b::7f00:1]'],
    ['http://10.1.2.3/', '10.1.2.3'],
    ['http://[fe80::1]/', '[fe80::1]'],
  ])('%s, though the host is named: it is inside', async (address, host) => {
    await expect(createLinks(config(host)).page(address, [], ends)).rejects.toMatchObject({
      trouble: 'refused',
      message: `${host} is at an address of this machine or of a private network`,
      next: expect.stringContaining(`links: { inside: [${host}] }`),
    });
  });

  test('localhost, by its name', async () => {
    await expect(createLinks(config('localhost')).page('http://localhost/', [], ends)).rejects.toMatchObject({
      trouble: 'refused',
      message: 'localhost is at an address of this machine or of a private network',
    });
  });

  test.each([
    ['169.254.169.254'],
    ['10.0.0.1'],
    ['93.184.216.34', '127.0.0.1'],
    ['fd00::1'],
    ['::ffff:10.0.0.1'],
  ])('a name that leads to %s, judged when it is connected to', async (...addresses) => {
    const links = createLinks(config('docs.example'), { lookup: leadsTo(...addresses) });
    await expect(links.page('http://docs.example/', [], ends)).rejects.toMatchObject({ trouble: 'refused' });
  });

  test('a name leads inside where the configuration says that it may', async () => {
    const web = await loopbackWeb({ '/': 'here' });
    open.push(web);
    const host = `docs.internal:${web.host.split(':')[1]}`;
    const links = createLinks(linksSchema.parse({ hosts: [host], plainHttp: [host], inside: [host] }), {
      lookup: leadsTo('127.0.0.1'),
    });
    expect(await links.page(`http://${host}/`, ['HERE'], ends)).toEqual({ status: 200, holds: ['HERE'] });
  });

  test('addresses of the internet are not taken for private ones, and what is no address is', () => {
    const open = ['93.184.216.34', '8.8.8.8', '172.32.0.1', '2606:2800:220:1::1', '::ffff:8.8.8.8'];
    expect(open.filter(isPrivate)).toEqual([]);
    expect(isPrivate('docs.example')).toBe(true);
  });
});

describe('redirects', () => {
  const to = (location: string) => (_: unknown, response: ServerResponse) =>
    void response.writeHead(302, { location }).end();

  test('are followed on the same host', async () => {
    const { links, url } = await webOf({ '/old': to('/new'), '/new': HEX });
    expect(await links.page(url('/old'), [HEX], ends)).toEqual({ status: 200, holds: [HEX] });
  });

  test.each([
    'http://169.254.169.254/latest/meta-data/',
    'https://elsewhere.example/login',
    'file:///etc/passwd',
    '//elsewhere.example/',
    'http://',
  ])('to %s are not', async (location) => {
    const { links, url } = await webOf({ '/': to(location) });
    await expect(links.page(url('/'), [], ends)).rejects.toMatchObject({
      trouble: 'content',
      message: expect.stringContaining('sends on to '),
    });
  });

  test('to another allowed host are not either: what was shown is not what would be read', async () => {
    const other = await loopbackWeb({ '/': HEX });
    open.push(other);
    const { links, url } = await webOf({ '/': to(other.url('/')) }, {}, {});
    await expect(links.page(url('/'), [HEX], ends)).rejects.toMatchObject({ trouble: 'content' });
    expect(other.asked).toEqual([]);
  });

  test('in a circle end', async () => {
    const { links, url, asked } = await webOf({ '/': to('/') });
    await expect(links.page(url('/'), [], ends)).rejects.toMatchObject({
      message: expect.stringContaining('sends on more than 5 times'),
    });
    expect(asked).toHaveLength(6);
  });
});

describe('bodies', () => {
  const MIB = Buffer.alloc(1024 * 1024, 'x');
  const endless = (count: { bytes: number }) => async (_: unknown, response: ServerResponse) => {
    response.writeHead(200);
    for (let mib = 0; mib < 1_024 && !response.destroyed; mib += 1) {
      count.bytes += MIB.length;
      if (!response.write(MIB)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
    }
    response.end();
  };

  test('of 1 GB are not read', async () => {
    const count = { bytes: 0 };
    const { links, url } = await webOf({ '/': endless(count) });
    await expect(links.page(url('/'), [HEX], ends)).rejects.toMatchObject({
      trouble: 'content',
      message: expect.stringContaining('answers with more than 5242880 bytes'),
    });
    expect(count.bytes).toBeLessThan(100 * MIB.length);
  });

  test('that never end take no longer than the time, nor do answers that never begin', async () => {
    const drip = (_: unknown, response: ServerResponse) => void response.writeHead(200).write('x');
    const { links, url } = await webOf({ '/drip': drip, '/silent': () => {} }, { timeoutMs: 300 });
    for (const path of ['/drip', '/silent'])
      await expect(links.page(url(path), [HEX], ends)).rejects.toMatchObject({
        trouble: 'unreachable',
        message: expect.stringContaining('took longer than 0.3 s'),
      });
  });

  test('are not waited for where an answer is enough', async () => {
    const { links, url } = await webOf({ '/': (_, response) => void response.writeHead(200).write('x') });
    expect(await links.page(url('/'), [], ends)).toEqual({ status: 200, holds: [] });
  });

  test('hold a text that lies across two pieces', async () => {
    const pieces = [HEX.slice(0, 30), HEX.slice(30, 31), HEX.slice(31)].map((text) => Buffer.from(text));
    const answer = Object.assign(Readable.from(pieces), {
      statusCode: 200,
      headers: {},
    }) as unknown as IncomingMessage;
    const read = await readPage(answer, 'docs.example', { seek: [HEX], bytesMax: 1_000 });
    expect(read.holds).toEqual([HEX]);
  });

  test('that are packed though nobody asked for it are refused', async () => {
    const { links, url } = await webOf({
      '/': (_, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end('x'),
    });
    await expect(links.page(url('/'), [HEX], ends)).rejects.toMatchObject({ trouble: 'content' });
  });

  test('of a forge that are no pull request are refused', async () => {
    const path = '/api/v3/repos/example/lease/pulls/7';
    for (const body of ['<html>', '{}', '{"merged":"yes"}', 'null']) {
      const { links, host } = await webOf({ [path]: body });
      await expect(
        links.pullRequest({ host, repository: 'example/lease', number: 7 }, ends),
      ).rejects.toMatchObject({
        trouble: 'content',
      });
    }
  });
});

test('what does not answer is asked three times, and a stop of the hub ends it', async () => {
  let asked = 0;
  const { links, url } = await webOf({
    '/': (request) => {
      asked += 1;
      request.socket.destroy();
    },
  });
  await expect(links.page(url('/'), [], ends)).rejects.toMatchObject({ trouble: 'unreachable' });
  expect(asked).toBe(3);
  await expect(links.page(url('/'), [], AbortSignal.abort())).rejects.toMatchObject({
    trouble: 'unreachable',
  });
  expect(asked).toBe(3);
});

describe('a token', () => {
  const file = join(dir, 'token');

  test('goes to the host it is for, read anew each time, and to no other', async () => {
    const web = await loopbackWeb({ '/': 'x' });
    const other = await loopbackWeb({ '/': 'x' });
    open.push(web, other);
    const { hosts, inside, plainHttp } = web.config;
    const links = createLinks({
      ...web.config,
      hosts: [...hosts, other.host],
      inside: [...inside, other.host],
      plainHttp: [...plainHttp, other.host],
      tokens: { [web.host]: file },
    });
    for (const token of ['first', 'second']) {
      writeFileSync(file, `${token}\n`);
      await links.page(web.url('/'), [], ends);
    }
    await links.page(other.url('/'), [], ends);
    expect(web.asked.map(({ headers }) => headers.authorization)).toEqual(['Bearer first', 'Bearer second']);
    expect(other.asked.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  test.each([
    ['two\nlines', 'is not one line of printable characters'],
    ['', 'is not one line of printable characters'],
  ])('that cannot be one (%j) is told, and not sent', async (text, what) => {
    const web = await loopbackWeb({ '/': 'x' });
    open.push(web);
    writeFileSync(file, text);
    const links = createLinks({ ...web.config, tokens: { [web.host]: file } });
    await expect(links.page(web.url('/'), [], ends)).rejects.toMatchObject({
      trouble: 'refused',
      message: `the file with the token for ${web.host} ${what}`,
    });
    expect(web.asked).toEqual([]);
  });
});
