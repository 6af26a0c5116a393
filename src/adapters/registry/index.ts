import type { Registry } from '../../ports/registry.ts';
import { look } from './look.ts';
import type { RegistrySettings } from './settings.ts';

/** Registries that speak the distribution protocol: OCI's, Docker's, Quay, Harbor, those of the clouds. */
export const createRegistry = (settings: RegistrySettings): Registry => ({
  look: (reference, more) => look(reference, more, settings),
});
