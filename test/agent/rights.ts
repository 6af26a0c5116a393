import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import type { Api, Thing } from '../cluster/api.ts';

/** Whom the API server takes the deployed agent for. */
export const AGENT = 'system:serviceaccount:fleetfix:fleetfix-agent';

const manifestsOf = (file: string): Thing[] =>
  parseAllDocuments(readFileSync(new URL(`../../deploy/agent/${file}`, import.meta.url), 'utf8')).map(
    (document) => document.toJS() as Thing,
  );

const PLURALS: Readonly<Record<string, string>> = {
  Namespace: 'namespaces',
  ServiceAccount: 'serviceaccounts',
  Role: 'roles',
  RoleBinding: 'rolebindings',
  ClusterRole: 'clusterroles',
  ClusterRoleBinding: 'clusterrolebindings',
  ValidatingAdmissionPolicy: 'validatingadmissionpolicies',
  ValidatingAdmissionPolicyBinding: 'validatingadmissionpolicybindings',
  MutatingAdmissionPolicy: 'mutatingadmissionpolicies',
  MutatingAdmissionPolicyBinding: 'mutatingadmissionpolicybindings',
};

/** Gives the agent's identity the rights that are deployed with it. */
export const applyRights = (admin: Api): Promise<void> => applyManifests(admin, 'rights.yaml');

/** Creates what a file of deploy/agent has, or brings what is there to it. */
export async function applyManifests(admin: Api, file: string): Promise<void> {
  for (const it of manifestsOf(file))
    await admin.apply(`${collectionOf(it)}/${it.metadata.name}`, it, {
      manager: 'fleetfix-test',
      force: true,
    });
}

/** Takes it away again. */
export async function deleteManifests(admin: Api, file: string): Promise<void> {
  for (const it of manifestsOf(file))
    await admin.ask({ method: 'DELETE', path: `${collectionOf(it)}/${it.metadata.name}` });
}

function collectionOf({ apiVersion, kind, metadata }: Thing): string {
  const api = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return `${api}${metadata.namespace ? `/namespaces/${metadata.namespace}` : ''}/${PLURALS[kind]}`;
}
