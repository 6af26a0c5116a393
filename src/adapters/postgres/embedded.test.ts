import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isPidAlive } from '../process/process-identity.ts';
import { chooseRunAs, EmbeddedProblem, explain, makeLinks, NOBODY } from './binaries.ts';
import { clientConfig } from './connection.ts';
import { type EmbeddedServer, startEmbedded } from './embedded.ts';
import { mayMount, mountDisk } from './small-disk.ts';
import { chooseSocketDir } from './socket-dir.ts';
import { temporaryFolder } from './testing.ts';

const isRoot = process.getuid?.() === 0;
const settings = { fsync: 'off' };

let folder: ReturnType<typeof temporaryFolder>;
let dataDir: string;
const running: EmbeddedServer[] = [];
beforeEach(() => {
  folder = temporaryFolder();
  dataDir = path.join(folder.dir, 'data');
});
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
  folder.remove();
});

async function start(dir = dataDir, log?: (text: string) => void): Promise<EmbeddedServer> {
  const server = await startEmbedded({ dataDir: dir, settings, ...(log && { log }) });
  running.push(server);
  return server;
}

async function ask(server: EmbeddedServer, text: string): Promise<unknown[]> {
  const client = new pg.Client(clientConfig(server.connection));
  await client.connect();
  try {
    return (await client.query({ text, rowMode: 'array' })).rows.flat();
  } finally {
    await client.end();
  }
}

describe('the embedded server', () => {
  test('keeps its data between two starts, listens on no network port, and is gone when stopped', async () => {
    const first = await start();
    expect(await ask(first, 'show listen_addresses')).toEqual(['']);
    await ask(first, 'create table kept (n int)');
    await first.stop();
    await first.stop();
    expect(isPidAlive(first.pid())).toBe(false);
    const second = await start();
    expect(second.adopted).toBe(false);
    expect(await ask(second, 'select count(*) from kept')).toEqual([0]);
  });

  test('has a socket and files that no other user may reach', async () => {
    const server = await start();
    expect(fs.statSync(server.connection.host).mode & 0o077).toBe(0);
    expect(fs.statSync(path.join(dataDir, 'pg')).mode & 0o077).toBe(0);
    expect(fs.statSync(path.join(dataDir, 'postgres.log')).mode & 0o077).toBe(0);
  });

  test('that a killed hub left behind is adopted, and stopped by the hub that adopted it', async () => {
    const left = await leaveBehind(dataDir);
    const server = await start();
    expect([server.adopted, server.pid()]).toEqual([true, left]);
    expect(await ask(server, 'select 1')).toEqual([1]);
    await server.stop();
    expect(isPidAlive(left)).toBe(false);
  });

  test('that ends by itself is started again, with its data', async () => {
    const back = Promise.withResolvers<void>();
    const server = await start(dataDir, (text) => text.includes('started again:') && back.resolve());
    await ask(server, 'create table kept (n int)');
    const before = server.pid();
    process.kill(before, 'SIGKILL');
    await back.promise;
    expect(server.pid()).not.toBe(before);
    expect(await ask(server, 'select count(*) from kept')).toEqual([0]);
  });

  test('refuses a second hub while the first is there, and takes it when it has gone', async () => {
    const first = await start();
    await expect(startEmbedded({ dataDir, settings })).rejects.toThrow(/in use by the hub with process id/);
    expect(await ask(first, 'select 1')).toEqual([1]);
    await first.stop();
    await start();
  });

  test('starts though the process id in its pid file belongs to another program now', async () => {
    await (await start()).stop();
    // Of the server's own user: only such a process would PostgreSQL take for a server.
    const other = spawn('sleep', ['600'], { stdio: 'ignore', cwd: '/', ...(isRoot && { uid: NOBODY }) });
    try {
      await once(other, 'spawn');
      fs.writeFileSync(path.join(dataDir, 'pg', 'postmaster.pid'), `${other.pid}\n`);
      expect((await start()).adopted).toBe(false);
    } finally {
      other.kill();
      await once(other, 'exit');
    }
  });

  test('starts after a first start that was killed half-way', async () => {
    fs.mkdirSync(path.join(dataDir, 'pg.new', 'base'), { recursive: true });
    fs.chmodSync(dataDir, 0o711);
    fs.writeFileSync(path.join(dataDir, 'pg.new', 'PG_VERSION'), '18\n');
    expect(await ask(await start(), 'select 1')).toEqual([1]);
  });

  test('with a data directory too deep for a socket puts the socket elsewhere, closed to others', async () => {
    const server = await start(path.join(dataDir, 'd'.repeat(120)));
    expect(Buffer.byteLength(server.connection.host)).toBeLessThan(92);
    expect(fs.statSync(server.connection.host).mode & 0o077).toBe(0);
    expect(await ask(server, 'select 1')).toEqual([1]);
    fs.rmSync(server.connection.host, { recursive: true, force: true });
  });

  test.runIf(isRoot && hasNamespaces())(
    'runs under root where other users may not enter the folders above',
    async () => {
      fs.chmodSync(folder.dir, 0o700);
      const first = await start();
      await ask(first, 'create table kept (n int)');
      await first.stop();
      fs.chmodSync(folder.dir, 0o711);
      expect(await ask(await start(), 'select count(*) from kept')).toEqual([0]);
    },
  );

  test.each([
    ['is a file', () => fs.writeFileSync(dataDir, ''), /cannot be used: .*Choose a directory/],
    [
      'lies below a file',
      () => {
        fs.writeFileSync(dataDir, '');
        dataDir = path.join(dataDir, 'deeper');
      },
      /cannot be used: .*A part of the path is a file/,
    ],
  ])('says what to do when the data directory %s', async (_what, prepare, message) => {
    prepare();
    await expect(startEmbedded({ dataDir })).rejects.toThrow(message);
  });

  test('whose files are broken does not start, says why, and gives the directory back', async () => {
    await (await start()).stop();
    fs.rmSync(path.join(dataDir, 'pg', 'global', 'pg_control'));
    const refused = startEmbedded({ dataDir, settings });
    await expect(refused).rejects.toThrow(EmbeddedProblem);
    await expect(refused).rejects.toThrow(/PostgreSQL did not start in .*pg_control/s);
    await expect(startEmbedded({ dataDir, settings })).rejects.toThrow(/pg_control/);
  });

  test('on a full disk says that the disk is full', async (context) => {
    if (!mayMount()) context.skip('a small disk cannot be mounted here');
    const disk = mountDisk(dataDir, '8m');
    try {
      const refused = startEmbedded({ dataDir, settings });
      await expect(refused).rejects.toThrow(/the disk of .* is full\. Make room/);
    } finally {
      disk.unmount();
    }
  });
});

/** Starts a server in a process that then kills itself with -9; returns the server's process id. */
async function leaveBehind(dir: string): Promise<number> {
  const program = `
    import { startEmbedded } from ${JSON.stringify(path.join(import.meta.dirname, 'embedded.ts'))};
    const server = await startEmbedded({ dataDir: ${JSON.stringify(dir)}, settings: { fsync: 'off' } });
    process.stdout.write(String(server.pid()), () => process.kill(process.pid, 'SIGKILL'));`;
  const hub = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  hub.stdout.on('data', (chunk) => {
    said += chunk;
  });
  const [, signal] = await once(hub, 'exit');
  expect(signal).toBe('SIGKILL');
  return Number(said);
}

function hasNamespaces(): boolean {
  try {
    execFileSync('unshare', ['--user', `--map-user=${NOBODY}`, 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe('what can go wrong around it', () => {
  const runAs = { prefix: [], ids: {} };

  test.each([
    ['could not write to file "x": No space left on device', runAs, /disk of \/srv\/fleetfix is full/],
    [
      'unshare: unshare failed: Operation not permitted',
      { ...runAs, prefix: ['unshare'] },
      /ordinary user.*DATABASE_URL/s,
    ],
    ['spawn unshare ENOENT', { ...runAs, prefix: ['unshare'] }, /ordinary user.*DATABASE_URL/s],
    ['something else', runAs, /It failed in \/srv\/fleetfix: something else/],
  ])('"%s" is told in words of the person who must act', (output, how, message) => {
    expect(explain({ what: 'It failed', dataDir: '/srv/fleetfix', output, runAs: how }).message).toMatch(
      message,
    );
  });

  test('library links that an install without scripts left out are made, and once is enough', () => {
    const native = path.join(folder.dir, 'native');
    fs.mkdirSync(path.join(native, 'lib'), { recursive: true });
    fs.writeFileSync(path.join(native, 'lib', 'a.so.1'), 'library');
    const links = [{ source: 'native/lib/a.so.1', target: 'native/lib/a.so' }];
    fs.writeFileSync(path.join(native, 'pg-symlinks.json'), JSON.stringify(links));
    makeLinks(native);
    makeLinks(native);
    expect(fs.readFileSync(path.join(native, 'lib', 'a.so'), 'utf8')).toBe('library');
  });

  test('an ordinary user runs it as itself; root runs it as nobody, or behind a user namespace', () => {
    const open = path.join(folder.dir, 'open');
    const closed = path.join(folder.dir, 'closed');
    fs.mkdirSync(open);
    fs.chmodSync(open, 0o755);
    fs.mkdirSync(path.join(closed, 'below'), { recursive: true });
    fs.chmodSync(closed, 0o700);
    expect(chooseRunAs([path.join(closed, 'below')], 1000)).toEqual({ prefix: [], ids: {} });
    expect(chooseRunAs([open], 0)).toMatchObject({ prefix: [], ids: { uid: NOBODY, gid: NOBODY } });
    expect(chooseRunAs([open, path.join(closed, 'below')], 0).prefix[0]).toBe('unshare');
  });

  test('a socket folder that somebody else made is not used', () => {
    const deep = path.join(folder.dir, 'd'.repeat(120));
    fs.mkdirSync(deep);
    const dir = chooseSocketDir(deep, undefined);
    try {
      fs.rmdirSync(dir);
      fs.symlinkSync('/', dir);
      expect(() => chooseSocketDir(deep, undefined)).toThrow(/belongs to another user/);
    } finally {
      fs.rmSync(dir, { recursive: true, force: true });
    }
  });
});
