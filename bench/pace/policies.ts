import { aro } from './aro-controller.ts';
import { awsWaves } from './aws-waves.ts';
import { ABLATIONS, PROFILED } from './evidence-paced.ts';
import { overrideAtOnce, overrideBySector } from './hypershift-override.ts';
import { kubefleet } from './kubefleet-staged-run.ts';
import { ocmBurnersFirst, ocmDefault, ocmExample, ocmTuned } from './ocm-progressive.ts';
import type { Policy } from './policy.ts';
import { rings } from './rings.ts';

/** What others do, by their documented algorithms and defaults. */
export const BASELINES: readonly Policy[] = [
  overrideAtOnce,
  overrideBySector,
  ocmExample,
  ocmTuned,
  ocmDefault,
  kubefleet,
  rings,
  awsWaves,
  aro,
];

/** Only of interest where something burns. */
export const BASELINES_WITH_BURNERS: readonly Policy[] = [ocmBurnersFirst];

/** Evidence-paced rollout: our own planner by its profiles, then urgent with one part taken away. */
export const EVIDENCE_PACED: readonly Policy[] = [...PROFILED, ...ABLATIONS];
