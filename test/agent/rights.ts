import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import type { Api, Thing } from '../cluster/api.ts';

/** Whom the API server takes the deployed agent for. */
export const AGENT = 'system:serviceaccount:fleetfix:fleetfix-agent';

const MANIFESTS = new URL('../../deploy/agent/rights.yaml', import.meta.url);

const PLURALS: Readonly<Record<string, string>> = {
  Namespace: 'namespaces',
  ServiceAccount: 'serviceaccounts',
  ClusterRole: 'clusterroles',
  ClusterRoleBinding: 'clusterrolebindings',
  ValidatingAdmissionPolicy: 'validatingadmissionpolicies',
  ValidatingAdmissionPolicyBinding: 'validatingadmissionpolicybindings',
};

/** Gives the agent's identity the rights that are deployed with it. */
export async function applyRights(admin: Api): Promise<void> {
  for (const document of parseAllDocuments(readFileSync(MANIFESTS, 'utf8'))) {
    const it = document.toJS() as Thing;
    await admin.create(collectionOf(it), it);
  }
}

function collectionOf({ apiVersion, kind, metadata }: Thing): string {
  const api = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return `${api}${metadata.namespace ? `/namespaces/${metadata.namespace}` : ''}/${PLURALS[kind]}`;
}
