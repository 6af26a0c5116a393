import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { type Api, named, type Thing } from './api.ts';

const OWN = fileURLToPath(new URL('crds', import.meta.url));
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const POLL_MS = 20;

/** The folders of definitions to test with: our own, and HyperShift's where FLEETFIX_CRDS names them. */
export const crdFolders = (): readonly { readonly name: string; readonly dir: string }[] => {
  const real = process.env.FLEETFIX_CRDS;
  return [
    { name: 'our own definitions', dir: OWN },
    ...(real ? [{ name: "HyperShift's own definitions", dir: path.resolve(real) }] : []),
  ];
};

/**
 * Installs every `*.crd.yaml` of the folder (default: our own) and waits until each is established and
 * answers. A definition that is there already is brought to the one given. Returns their names.
 */
export async function installCrds(admin: Api, dir: string = OWN): Promise<string[]> {
  const files = readdirSync(dir).filter((name) => name.endsWith('.crd.yaml'));
  if (files.length === 0) throw new Error(`There is no *.crd.yaml in ${dir}.`);
  const crds = files.map((file) => parse(readFileSync(path.join(dir, file), 'utf8')) as Thing);
  await Promise.all(crds.map((crd) => install(admin, crd)));
  return crds.map((crd) => crd.metadata.name as string);
}

/** By server-side apply: the annotation of a client-side one is too small for HyperShift's definitions. */
async function install(admin: Api, crd: Thing) {
  const name = crd.metadata.name as string;
  await admin.apply(`${DEFINITIONS}/${name}`, crd, { manager: 'fleetfix-test', force: true });
  await admin.until(named(DEFINITIONS, name), isEstablished);
  // The condition is written a moment before the path is served.
  const { group, versions, names } = crd.spec;
  const collection = `/apis/${group}/${versions[0].name}/${names.plural}?limit=1`;
  while ((await admin.ask({ path: collection })).status === 404) await pause(POLL_MS);
}

const isEstablished = (crd: Thing): boolean =>
  ((crd.status?.conditions ?? []) as Thing[]).some(
    ({ type, status }) => type === 'Established' && status === 'True',
  );
