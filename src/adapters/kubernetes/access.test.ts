// Goal: who has a kubeconfig, in whichever way it says who asks, is let in, stays let in, and is told what is wrong otherwise.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openAccess } from './access.ts';
import { connect, type Kube } from './client.ts';
import { credentialsOf } from './credentials.ts';
import { readKubeconfig } from './kubeconfig.ts';
import { writerOn } from './writer.ts';

const V1 = 'client.authentication.k8s.io/v1';
const { signal } = new AbortController();
let dir: string;
let server: http.Server | https.Server;
let url: string;
/** Who asked, in order; and who is let in. */
let asked: string[];
let known: (authorization: string) => boolean;
let kube: Kube | undefined;

const who = (request: IncomingMessage) =>
  String(
    (request.socket as TLSSocket).getPeerCertificate?.().subject?.CN ??
      request.headers.authorization ??
      'nobody',
  );
async function serve(options?: https.ServerOptions): Promise<void> {
  const listener: http.RequestListener = (request, response) => {
    request.resume().on('end', () => {
      asked.push(who(request));
      const status = known(asked.at(-1)!) ? 200 : 401;
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(status === 200 ? '{"kind":"Here"}\n' : '{"message":"Unauthorized"}');
    });
  };
  server = options === undefined ? http.createServer(listener) : https.createServer(options, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `${options === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'access-test-'));
  asked = [];
  known = () => true;
});
afterEach(async () => {
  kube?.close();
  kube = undefined;
  server?.closeAllConnections();
  await new Promise((resolve) => (server === undefined ? resolve(0) : server.close(resolve)));
  rmSync(dir, { recursive: true, force: true });
});

const put = (name: string, text: string): string => {
  writeFileSync(join(dir, name), text);
  return join(dir, name);
};
/** A kubeconfig of one user, with more members of its cluster. */
const configWith = (user: unknown, cluster: object = {}): string =>
  put(
    'config',
    JSON.stringify({
      apiVersion: 'v1',
      'current-context': 'here',
      preferences: {},
      clusters: [{ name: 'c', cluster: { server: url ?? 'https://127.0.0.1:1', ...cluster } }],
      contexts: [{ name: 'here', context: { cluster: 'c', user: 'u', namespace: 'x' } }],
      users: [{ name: 'u', user }],
    }),
  );
/** A plugin whose code is given; `runs()` says how often it ran. */
const plugin = (code: string, more: object = {}) => ({
  exec: {
    apiVersion: V1,
    command: process.execPath,
    args: [
      put('plugin.cjs', `require('fs').appendFileSync(${JSON.stringify(join(dir, 'runs'))}, 'x');${code}`),
    ],
    interactiveMode: 'IfAvailable',
    ...more,
  },
});
const runs = () => (existsSync(join(dir, 'runs')) ? readFileSync(join(dir, 'runs'), 'utf8').length : 0);
const printing = (status: string, apiVersion = V1) =>
  `console.log(JSON.stringify({ apiVersion: '${apiVersion}', kind: 'ExecCredential', status: ${status} }))`;
const TURN = `'t' + require('fs').readFileSync(${'__dirname'} + '/runs').length`;

const connected = async (user: unknown, cluster?: object): Promise<Kube> => {
  kube = connect(await openAccess({ kubeconfig: configWith(user, cluster) }));
  return kube;
};
const ask = async () => (await kube!.ask({ path: '/api' }, signal)).status;

describe('a credential plugin', () => {
  test('is run once for all who ask at once, and not again while its token is good', async () => {
    await serve();
    await connected(plugin(printing(`{ token: ${TURN}, expirationTimestamp: '2100-01-01T00:00:00Z' }`)));
    expect(await Promise.all([ask(), ask(), ask()])).toEqual([200, 200, 200]);
    expect(await ask()).toBe(200);
    expect([runs(), new Set(asked)]).toEqual([1, new Set(['Bearer t1'])]);
  });

  test('is run again when its token is over', async () => {
    await serve();
    await connected(
      plugin(printing(`{ token: ${TURN}, expirationTimestamp: '2020-01-01T00:00:00.5+02:00' }`)),
    );
    await ask();
    await ask();
    expect(asked).toEqual(['Bearer t1', 'Bearer t2']);
  });

  test('is run again when the server does not take its token any more: who asked does not notice', async () => {
    await serve();
    await connected(plugin(printing(`{ token: ${TURN} }`)));
    await ask();
    known = (authorization) => authorization === 'Bearer t2';
    const writer = writerOn(kube!, 'fleetfix');
    const write = { path: '/x', how: 'merge', object: { a: 1 }, dryRun: false } as const;
    const answers = await Promise.all([writer.patch(write, signal), writer.patch(write, signal), ask()]);
    expect(answers).toMatchObject([{ outcome: 'done' }, { outcome: 'done' }, 200]);
    expect(runs()).toBe(2);
    for await (const line of kube!.lines({ path: '/watch' }, signal)) expect(line).toEqual({ kind: 'Here' });
  });

  test('whose new token is refused as well is asked once for each request, and the refusal is told', async () => {
    await serve();
    known = () => false;
    await connected(plugin(printing(`{ token: ${TURN} }`)));
    expect(await ask()).toBe(401);
    expect(asked).toEqual(['Bearer t1', 'Bearer t2']);
  });

  test('is found beside the kubeconfig, and is told what it wants to know', async () => {
    await serve();
    mkdirSync(join(dir, 'bin'));
    const code = `const info = JSON.parse(process.env.KUBERNETES_EXEC_INFO); const { interactive, cluster } = info.spec;
      const token = [info.kind, interactive, cluster.server, process.env.OF_US, process.env.PATH !== undefined, process.argv[2]].join();
      ${printing('{ token }', 'client.authentication.k8s.io/v1beta1')}`;
    put('bin/plugin', `#!${process.execPath}\n${code}`);
    chmodSync(join(dir, 'bin/plugin'), 0o700);
    await connected({
      exec: {
        apiVersion: 'client.authentication.k8s.io/v1beta1',
        command: './bin/plugin',
        args: ['$(not run by a shell)'],
        env: [{ name: 'OF_US', value: 'yes' }],
        provideClusterInfo: true,
      },
    });
    await ask();
    expect(asked).toEqual([`Bearer ExecCredential,false,${url},yes,true,$(not run by a shell)`]);
  });

  test.each<[string, string, object, RegExp]>([
    [
      'fails',
      `console.error('no network'); process.exit(3)`,
      {},
      /ended with code 3: no network\. Next: run it by hand/,
    ],
    [
      'hangs',
      `console.error('press a key'); setInterval(() => {}, 1e6)`,
      {},
      /did not end within 1 s.*press a key.*waits? for a person/,
    ],
    ['is killed', `process.kill(process.pid, 'SIGKILL')`, {}, /was ended by SIGKILL/],
    [
      'prints rubbish',
      `console.log('SECRET')`,
      {},
      /gave no credential: what it printed \(7 bytes\) is no JSON/,
    ],
    ['prints nothing', '', {}, /what it printed \(0 bytes\) is no JSON/],
    ['prints another thing', `console.log('{"apiVersion":"v1","kind":"SECRET"}')`, {}, /kind: /],
    ['gives an empty one', printing('{}'), {}, /neither a token nor a clientCertificateData/],
    ['gives half a pair', printing(`{ clientCertificateData: 'SECRET' }`), {}, /clientKeyData go together/],
    [
      'gives no time',
      printing(`{ token: 'SECRET', expirationTimestamp: 'soon' }`),
      {},
      /status\.expirationTimestamp: /,
    ],
    [
      'speaks another version',
      printing(`{ token: 'SECRET' }`, `${V1}beta1`),
      {},
      /is not of apiVersion client\.auth.*\/v1,/,
    ],
    [
      'is not there',
      '',
      { command: 'no-such-plugin', installHint: 'get it\nfrom us' },
      /could not be started: .*ENOENT.*Next: get it from us/,
    ],
  ])('that %s is told of: which, of whom, where, and what next', async (_, code, more, says) => {
    const config = await readKubeconfig(configWith(plugin(code, more)));
    const failed = await credentialsOf(config, 1_000)
      .options()
      .catch((problem: Error) => problem.message);
    expect(failed).toMatch(/^the credential plugin \S+ of user u in the kubeconfig \S+config /);
    expect(failed).toMatch(says);
    expect(failed).not.toContain('SECRET');
  });

  test('that fails keeps writes waiting, and one that works again is used at once', async () => {
    await serve();
    const failing = `if (!require('fs').existsSync(__dirname + '/well')) { console.error('not now'); process.exit(1); }`;
    await connected(plugin(`${failing}${printing(`{ token: 'a' }`)}`));
    const writer = writerOn(kube!, 'fleetfix');
    expect(await writer.get('/x', signal)).toMatchObject({
      outcome: 'away',
      because: expect.stringMatching(/^GET \/x: the credential plugin .*not now/),
    });
    put('well', '');
    expect(await writer.get('/x', signal)).toMatchObject({ outcome: 'done' });
    expect(asked).toEqual(['Bearer a']);
  });

  test('may give a client certificate, and another once that is not taken any more', async (context) => {
    const made = certificates();
    if (made === undefined) return context.skip('openssl is not there to make certificates with');
    await serve({
      key: made.key('server'),
      cert: made.cert('server'),
      ca: made.cert('ca'),
      requestCert: true,
    });
    const pem = (name: string) => `require('fs').readFileSync(__dirname + '/${name}' + n + '.pem', 'utf8')`;
    const code = `const n = require('fs').readFileSync(__dirname + '/runs').length;
      ${printing(`{ clientCertificateData: ${pem('client')}, clientKeyData: ${pem('client-key')} }`)}`;
    await connected(plugin(code), { 'certificate-authority': 'ca.pem' });
    expect(await ask()).toBe(200);
    known = (name) => name === 'client2';
    expect(await ask()).toBe(200);
    expect(asked).toEqual(['client1', 'client1', 'client2']);
  });
});

/** Of an authority, a server and two clients, in the folder of the test; undefined without openssl. */
function certificates() {
  const file = (name: string) => join(dir, `${name}.pem`);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe', cwd: dir });
  const keyOf = (name: string) => file(name.replace(/(\d*)$/, '-key$1'));
  const fresh = (name: string) => [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-subj',
    `/CN=${name}`,
    '-keyout',
    keyOf(name),
  ];
  try {
    openssl('req', '-x509', ...fresh('ca'), '-out', file('ca'));
  } catch (problem) {
    if ((problem as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw problem;
  }
  for (const name of ['server', 'client1', 'client2']) {
    put('names', 'subjectAltName=IP:127.0.0.1');
    openssl('req', ...fresh(name), '-out', file('asked'));
    openssl(
      ...['x509', '-req', '-in', file('asked'), '-CA', file('ca'), '-CAkey', keyOf('ca')],
      ...['-CAcreateserial', '-extfile', 'names', '-out', file(name)],
    );
  }
  return {
    cert: (name: string) => readFileSync(file(name)),
    key: (name: string) => readFileSync(keyOf(name)),
  };
}

describe('a token', () => {
  test('in the kubeconfig is sent as it is, and a refusal of it is told at once', async () => {
    await serve();
    await connected({ token: 'fixed' });
    known = () => false;
    expect([await ask(), asked]).toEqual([401, ['Bearer fixed']]);
  });

  test('in a file beside it goes before that, and is read again the moment it is refused', async () => {
    await serve();
    put('token', 'first\n');
    await connected({ token: 'fixed', tokenFile: 'token' });
    await ask();
    put('token', 'second\n');
    known = (authorization) => authorization === 'Bearer second';
    expect(await ask()).toBe(200);
    expect(asked).toEqual(['Bearer first', 'Bearer first', 'Bearer second']);
  });

  test('in a file that is gone is a reason to try again, with the file named', async () => {
    await serve();
    await connected({ tokenFile: 'gone' });
    const answer = await writerOn(kube!, 'fleetfix').get('/x', signal);
    expect(answer).toMatchObject({
      outcome: 'away',
      because: expect.stringMatching(/the token cannot be read: .*gone/),
    });
  });
});

describe('a kubeconfig that cannot be used says why before anything is asked', () => {
  test.each<[string, unknown, object, RegExp]>([
    [
      'auth-provider',
      { 'auth-provider': { name: 'gcp' } },
      {},
      /auth-provider is not supported.*Next: a credential plugin/,
    ],
    ['a password', { username: 'a', password: 'SECRET' }, {}, /name and password are not supported/],
    ['somebody else', { as: 'admin', token: 'SECRET' }, {}, /acting as somebody else/],
    [
      'a plugin for people',
      { exec: { apiVersion: V1, command: 'x', interactiveMode: 'Always' } },
      {},
      /asks a person each time/,
    ],
    [
      'an old plugin',
      { exec: { apiVersion: 'client.authentication.k8s.io/v1alpha1', command: 'x' } },
      {},
      /user u cannot be used: exec\.apiVersion: /,
    ],
    ['half a pair', { 'client-key-data': 'SECRET' }, {}, /client-certificate and client-key go together/],
    ['a proxy', { token: 'SECRET' }, { 'proxy-url': 'http://p' }, /proxy-url\), which is not supported/],
    ['an address of another kind', {}, { server: 'ftp://x' }, /cluster c cannot be used: server: /],
    [
      'an authority that is not there',
      {},
      { 'certificate-authority': 'none.pem' },
      /certificate-authority of .* cannot be read: .*none\.pem/,
    ],
  ])('%s', async (_, user, cluster, says) => {
    const failed = await openAccess({ kubeconfig: configWith(user, cluster) }).catch((p: Error) => p);
    expect(failed).toMatchObject({ name: 'NoAccess', message: expect.stringMatching(says) });
    expect((failed as Error).message).toMatch(/the kubeconfig \S+config/);
    expect((failed as Error).message).not.toContain('SECRET');
  });

  test.each<[string, string, RegExp]>([
    ['is no YAML', 'users: [{ token: "SECRET }', /cannot be read: /],
    ['is a text', 'SECRET', /cannot be used: Invalid input: expected object/],
    ['has no context', 'users: []', /names no current-context; its contexts: none\. Next: context: NAME/],
    [
      'names what it has not',
      '{ current-context: a, contexts: [{ name: b, context: {} }] }',
      /has no context a; its contexts: b/,
    ],
    [
      'lacks the cluster',
      '{ current-context: a, contexts: [{ name: a, context: { cluster: c } }] }',
      /has no cluster c, which its context a names/,
    ],
  ])('one that %s', async (_, text, says) => {
    const failed = openAccess({ kubeconfig: put('config', text) });
    await expect(failed).rejects.toThrow(says);
    await expect(failed).rejects.not.toThrow('SECRET');
  });

  test('one that is not there', async () => {
    await expect(openAccess({ kubeconfig: join(dir, 'none') })).rejects.toThrow(
      /kubeconfig \S+none cannot be read: ENOENT/,
    );
  });
});
