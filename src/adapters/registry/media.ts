/** Media types that are asked for and understood. */
export const MEDIA = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  dockerList: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  simpleSigning: 'application/vnd.dev.cosign.simplesigning.v1+json',
  envelope: 'application/vnd.dsse.envelope.v1+json',
} as const;

export const INDEXES: readonly string[] = [MEDIA.index, MEDIA.dockerList];
export const MANIFESTS: readonly string[] = [MEDIA.manifest, MEDIA.dockerManifest];
/** `application/vnd.dev.sigstore.bundle.v0.3+json`, and the older spelling `…bundle+json;version=0.2`. */
export const isBundle = (type: unknown): boolean =>
  typeof type === 'string' && /^application\/vnd\.dev\.sigstore\.bundle(\.v\d|\+json)/.test(type);
