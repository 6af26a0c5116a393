// Goal: the way to a registry gives nothing away: credentials stay with whom they are for, and redirects lead nowhere else.
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { trouble } from '../../ports/registry.contract.ts';
import type { RegistrySettings } from './settings.ts';
import { authFileIn, lookWith, messageOf, withFakes } from './testing-fakes.ts';

const fakes = withFakes();
const look = (...more: [Partial<RegistrySettings>?, string?]) => lookWith(fakes, ...more);
const authOf = (text: string) => Buffer.from(text).toString('base64');

describe('a redirect', () => {
  it('of a blob is followed to another host without the credentials', async () => {
    fakes.fake.image('team/image', {}, 'v1');
    const config = await authFileIn(fakes.dir, { [fakes.fake.host]: { auth: authOf('user:secret') } });
    fakes.fake.instead = (request, response) => {
      if (request.headers.authorization === undefined && request.url !== '/v2/') {
        response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
        return true;
      }
      if (!request.url!.includes('/blobs/')) return false;
      response.writeHead(307, { location: `http://${fakes.other.host}/store${request.url}` }).end();
      return true;
    };
    fakes.other.instead = (request, response) => {
      response.end(fakes.fake.blobs.get(request.url!.split('/').at(-1)!));
      return true;
    };
    expect((await look({ authFile: config })).images).toHaveLength(1);
    expect(fakes.fake.asked.some(({ headers }) => headers.authorization !== undefined)).toBe(true);
    expect(fakes.other.asked).toHaveLength(1);
    expect(fakes.other.asked[0]!.headers.authorization).toBeUndefined();
  });

  it.each([
    [
      'of a manifest',
      'manifests',
      (path: string) => `http://${fakes.other.host}${path}`,
      'only blobs may be elsewhere',
    ],
    ['that goes in a circle', 'blobs', (path: string) => path, 'go in a circle'],
    ['to what is no web address', 'blobs', () => 'file:///etc/passwd', 'tell who runs it'],
    ['to a host without TLS', 'blobs', () => 'http://store.example/x', 'plainHttp'],
  ])('%s is not followed', async (_what, kind, to, next) => {
    fakes.fake.image('team/image', {}, 'v1');
    fakes.fake.instead = (request, response) => {
      if (!request.url!.includes(`/${kind}/`)) return false;
      response.writeHead(302, { location: to(request.url!) }).end();
      return true;
    };
    await expect(look()).rejects.toMatchObject({ trouble: 'content', next: expect.stringContaining(next) });
    expect(fakes.other.asked).toEqual([]);
  });

  it('from elsewhere to this machine is not followed', async () => {
    const seen: string[] = [];
    const target = `http://${fakes.other.host}/secrets`;
    fakes.fake.image('team/image', {}, 'v1');
    const elsewhere = async (url: unknown, init?: RequestInit) => {
      const asked = new URL(String(url));
      seen.push(asked.host);
      if (asked.pathname.includes('/blobs/'))
        return new Response(null, { status: 307, headers: { location: target } });
      return await fetch(`http://${fakes.fake.host}${asked.pathname}`, init);
    };
    const looking = look({ fetch: elsewhere as typeof fetch }, 'registry.example/team/image:v1');
    expect(await messageOf(looking)).toContain('on this machine or its link');
    expect(new Set(seen)).toEqual(new Set(['registry.example']));
  });
});

describe('a registry that wants to know who asks', () => {
  const bearer = (realm: string) =>
    `Bearer realm="${realm}",service="registry",scope="repository:team/image:pull,push"`;
  /** Wants `Bearer good`, which the token service at `realm` gives. */
  const wantsToken = (realm: string) => {
    fakes.fake.instead = (request, response) => {
      if (request.url!.startsWith('/token')) return token(request.headers.authorization, response);
      if (request.url === '/v2/' || request.headers.authorization === 'Bearer good') return false;
      response.writeHead(401, { 'www-authenticate': bearer(realm) }).end();
      return true;
    };
  };
  const token = (_who: string | undefined, response: { end(text: string): unknown }) => {
    response.end(JSON.stringify({ token: 'good' }));
    return true;
  };

  it('gets a token that is asked for once, to read this repository alone', async () => {
    fakes.fake.image('team/image', {}, 'v1');
    wantsToken(`http://${fakes.fake.host}/token`);
    const config = await authFileIn(fakes.dir, {
      [`${fakes.fake.host}/team`]: { auth: authOf('user:secret') },
    });
    expect((await look({ authFile: config })).images).toHaveLength(1);
    const tokens = fakes.fake.asked.filter(({ url }) => url.startsWith('/token'));
    expect(tokens).toHaveLength(1);
    expect(tokens[0]!.headers.authorization).toBe(`Basic ${authOf('user:secret')}`);
    expect(new URL(tokens[0]!.url, 'http://x').searchParams.get('scope')).toBe('repository:team/image:pull');
  });

  it('gives nobody’s credentials to a token service of another host', async () => {
    fakes.fake.image('team/image', {}, 'v1');
    const elsewhere = `localhost:${fakes.other.host.split(':')[1]}`;
    wantsToken(`http://${elsewhere}/token`);
    fakes.other.instead = (request, response) => token(request.headers.authorization, response);
    const config = await authFileIn(fakes.dir, { [fakes.fake.host]: { auth: authOf('user:secret') } });
    const looking = look({ authFile: config });
    await expect(looking).rejects.toMatchObject({
      trouble: 'denied',
      next: expect.stringContaining('tokenHosts'),
    });
    expect(await messageOf(look({ authFile: config }))).not.toContain('secret');
    expect(fakes.other.asked).toEqual([]);
    // Named, it gets them; without credentials there is nothing to give away.
    const hosts = { [fakes.fake.host]: { tokenHosts: [elsewhere] } };
    expect((await look({ authFile: config, hosts })).images).toHaveLength(1);
    expect((await look()).images).toHaveLength(1);
    expect(fakes.other.asked.map(({ headers }) => headers.authorization !== undefined)).toEqual([
      true,
      false,
    ]);
  });

  it.each([
    ['has no TLS elsewhere', 'http://auth.example/token', 'has no TLS'],
    ['is none', 'nowhere', 'names no token service'],
    ['has a user in it', 'https://user@auth.example/token', 'has a user in it'],
  ])('is refused when its token service %s', async (_what, realm, message) => {
    fakes.fake.image('team/image', {}, 'v1');
    wantsToken(realm);
    expect(await trouble(look())).toBe('denied');
    expect(await messageOf(look())).toContain(message);
  });

  it('denies who has no credentials, or wrong ones', async () => {
    fakes.fake.image('team/image', {}, 'v1');
    fakes.fake.instead = (request, response) => {
      if (request.url === '/v2/') return false;
      response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
      return true;
    };
    expect(await trouble(look())).toBe('denied');
    const config = await authFileIn(fakes.dir, { [fakes.fake.host]: { auth: authOf('user:wrong') } });
    expect(await trouble(look({ authFile: config }))).toBe('denied');
  });

  it('is sent an identity token to trade, never as a password', async () => {
    fakes.fake.image('team/image', {}, 'v1');
    const bodies: string[] = [];
    wantsToken(`http://${fakes.fake.host}/token`);
    const server = createServer((request, response) => {
      request.on('data', (chunk) => bodies.push(String(chunk)));
      request.on('end', () => response.end('{"access_token":"good"}'));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    wantsToken(`http://127.0.0.1:${port}/token`);
    const config = await authFileIn(fakes.dir, { [fakes.fake.host]: { identitytoken: 'long-lived' } });
    try {
      expect((await look({ authFile: config })).images).toHaveLength(1);
    } finally {
      server.closeAllConnections();
      server.close();
    }
    expect(bodies.join('')).toContain('grant_type=refresh_token');
    expect(new URLSearchParams(bodies.join('')).get('refresh_token')).toBe('long-lived');
    for (const { headers } of fakes.fake.asked)
      expect(headers.authorization ?? 'Bearer good').toBe('Bearer good');
  });

  it('is told that an auth file cannot be read, without a word of it', async () => {
    const file = join(fakes.dir, 'broken.json');
    await writeFile(file, '{"auths": secret-word');
    fakes.fake.image('team/image', {}, 'v1');
    wantsToken(`http://${fakes.fake.host}/token`);
    const message = await messageOf(look({ authFile: file }));
    expect(message).toContain('broken.json cannot be read: it is not JSON');
    expect(message).not.toContain('secret-word');
  });
});
