import { expect, test } from 'vitest';
import { isExempt } from './no-proxy.ts';
import { proxyTrap } from './proxy-trap.ts';
import { clusterWith } from './testing.ts';

// The expectations were read off golang.org/x/net/http/httpproxy: what its ProxyFunc answers for these.
test.each<[noProxy: string, host: string, exempt: boolean]>([
  ['', 'api.example.com', false],
  ['*', 'api.example.com', true],
  ['a.com, *', 'api.example.com', true],
  ['example.com', 'api.example.com', true],
  ['example.com', 'example.com', true],
  ['example.com', 'notexample.com', false],
  ['.example.com', 'example.com', false],
  ['.example.com', 'api.test.example.com', true],
  ['*.example.com', 'api.example.com', true],
  ['*.example.com', 'example.com', false],
  ['EXAMPLE.com', 'Api.Example.COM', true],
  ['api.example.com:443', 'api.example.com', true],
  ['api.example.com:6443', 'api.example.com', false],
  [':443', 'api.example.com', false],
  ['api', 'api.example.com', false],
  ['10.0.0.0/8', '10.1.2.3', true],
  ['10.0.0.0/8', '11.1.2.3', false],
  ['10.1.2.3/31', '10.1.2.2', true],
  ['10.0.0.0/33', '10.1.2.3', false],
  ['10.1.2.3', '10.1.2.3', true],
  ['10.1.2.3:443', '10.1.2.3', true],
  ['10.1.2.3:80', '10.1.2.3', false],
  ['0.0.0.0/0', 'api.example.com', false],
  ['10.1.2.3', '::ffff:10.1.2.3', true],
  ['fd00::/8', 'fd00::1', true],
  ['fd00::/8', 'fe00::1', false],
  ['[fd00::1]:443', 'fd00::1', true],
  ['[fd00::1]:80', 'fd00::1', false],
  ['fd00::1', 'fd00:0:0:0:0:0:0:1', true],
  ['.0.0.1', '10.0.0.1', false],
  ['', 'localhost', true],
  ['', '127.0.0.5', true],
  ['', '::1', true],
])('no-proxy %j exempts %s: %s', (noProxy, host, exempt) => {
  expect(isExempt(noProxy, { host, port: 443 })).toBe(exempt);
});

type Spec = Parameters<typeof clusterWith>[0] extends infer P | undefined ? NonNullable<P> : never;
const proxy = (noProxy: string, more: Partial<NonNullable<Spec['spec']>> = {}, status?: Spec['status']) =>
  clusterWith({
    spec: { configuration: { proxy: { httpsProxy: 'http://p:3128', noProxy } }, ...more },
    ...(status && { status }),
  });
const aws = (endpointAccess: string) => ({ platform: { type: 'AWS', aws: { endpointAccess } } });
const azure = (topology: string) => ({ platform: { type: 'Azure', azure: { topology } } });

test.each<[what: string, cluster: ReturnType<typeof clusterWith>, trapped: boolean]>([
  ['no proxy at all', clusterWith(), false],
  ['a public API server behind a proxy', proxy(''), true],
  ['AWS, public and private', proxy('', aws('PublicAndPrivate')), false],
  ['AWS, private', proxy('', aws('Private')), false],
  ['Azure, no topology', proxy('', azure('')), true],
  ['Azure, public', proxy('', azure('Public')), true],
  ['Azure, private', proxy('', azure('Private')), false],
  ['another platform is always reached so', proxy('', { platform: { type: 'KubeVirt' } }), true],
  ['no platform told', proxy('', { platform: {} }), true],
  ['its name is exempt', proxy('.example.com'), false],
  ['its inner address is exempt', proxy('172.16.0.0/12'), false],
  [
    'another inner address',
    proxy('172.16.0.0/12', { networking: { apiServer: { advertiseAddress: '192.0.2.1' } } }),
    true,
  ],
  [
    'the inner address of IPv6',
    proxy('fd00::/8', { networking: { serviceNetwork: [{ cidr: 'fd02::/112' }] } }),
    false,
  ],
  ['an entry with kubernetes in it', proxy('x.com, kubernetes.default'), false],
  [
    'the service network as it is written',
    proxy('172.31.0.0/16', { networking: { serviceNetwork: [{ cidr: '172.31.0.0/16' }] } }),
    false,
  ],
  ['something else is exempt', proxy('other.org'), true],
  ['an exempt port that is not its port', proxy('api.hc1.example.com:6443'), true],
  [
    'its exempt port',
    proxy(
      'api.hc1.example.com:6443',
      {},
      { controlPlaneEndpoint: { host: 'api.hc1.example.com', port: 6443 } },
    ),
    false,
  ],
  ['its address is not known', proxy('.example.com', {}, { controlPlaneEndpoint: {} }), true],
])('proxy trap: %s', (_, cluster, trapped) => {
  expect(proxyTrap(cluster) !== undefined).toBe(trapped);
});

test('behind an ingress that is shared, or before it is up, whether it is exempt cannot be told, and counts as the trap', () => {
  const shared = {
    platform: {
      type: 'Azure',
      azure: {
        topology: 'Public',
        azureAuthenticationConfig: { azureAuthenticationConfigType: 'ManagedIdentities' },
      },
    },
  };
  expect(proxyTrap(proxy('.example.com', shared))).toContain('cannot be told');
});
