/** How the fleet of the model behaves. Times in minutes, shares from 0 to 1, rates per hour. */
export type Laws = {
  /** Length of a tick. Everything falls on ticks, and nothing takes less than one. */
  readonly stepMin: number;
  readonly apply: ApplyLaw;
  readonly fix: FixLaw;
  readonly noise: NoiseLaw;
  readonly incidents: IncidentLaw;
  readonly people: PeopleLaw;
};

/** From told to running: lognormal, with so many at once in a management cluster; more wait in line there. */
type ApplyLaw = {
  readonly medianMin: number;
  readonly sigma: number;
  readonly atOncePerManagementCluster: number;
  /** The share that never comes to run it and is seen to have failed `deadlineMin` after its apply began. */
  readonly failShare: number;
  readonly deadlineMin: number;
};

/** What the fix does to those that run it. */
type FixLaw = {
  /** The median time after which a burning control plane recovers, lognormal σ 0.4. Absent: the fix does not fix. */
  readonly curesAfterMin?: number;
  /** Absent: it breaks nothing. */
  readonly breaks?: BreakLaw;
};

/** Each control plane that comes to run it breaks with `share`, and shows it lognormal(`latencyMin`, `sigma`) later. */
type BreakLaw = {
  readonly share: number;
  readonly latencyMin: number;
  readonly sigma: number;
  /** A stratum inside which every one breaks. */
  readonly stratum?: number;
};

/** Bad episodes that have nothing to do with the fix, per control plane and hour. */
type NoiseLaw = { readonly episodesPerHour: number; readonly episodeMin: number };

/**
 * Incidents: in a regional one the region's noise is `regionalFactor` times as much; in the other every control
 * plane of one management cluster is bad. Rates are of the whole fleet, where they hit is drawn evenly.
 */
type IncidentLaw = {
  readonly regionalPerHour: number;
  readonly regionalMin: number;
  readonly regionalFactor: number;
  readonly clusterPerHour: number;
  readonly clusterMin: number;
};

/** People watch every policy: so many seen broken by the fix so far, taken back or not, and they halt it that much later. */
type PeopleLaw = { readonly brokenSeen: number; readonly haltAfterMin: number };

const NO_INCIDENTS: IncidentLaw = {
  regionalPerHour: 0,
  regionalMin: 30,
  regionalFactor: 100,
  clusterPerHour: 0,
  clusterMin: 30,
};

/** A good fix on a quiet day. */
export const QUIET: Laws = {
  stepMin: 1,
  apply: { medianMin: 6, sigma: 0.4, atOncePerManagementCluster: 10, failShare: 0, deadlineMin: 30 },
  fix: { curesAfterMin: 1 },
  noise: { episodesPerHour: 0.002, episodeMin: 10 },
  incidents: NO_INCIDENTS,
  people: { brokenSeen: 20, haltAfterMin: 30 },
};

/** Ten times the noise. */
export const NOISY: Laws = { ...QUIET, noise: { ...QUIET.noise, episodesPerHour: 0.02 } };

/** A day of incidents: a regional one in about 7 hours, a management cluster every hour. */
export const STORMY: Laws = {
  ...QUIET,
  incidents: { ...NO_INCIDENTS, regionalPerHour: 0.15, clusterPerHour: 1 },
};

/** The same day with a fix that breaks a share of those that run it, visible about `latencyMin` later. */
export const breaking = (laws: Laws, share: number, latencyMin: number, sigma = 0.5): Laws => ({
  ...laws,
  fix: { ...laws.fix, breaks: { share, latencyMin, sigma } },
});

/** The same day with a fix that breaks every control plane of one stratum and no other. */
export const breakingStratum = (laws: Laws, stratum: number, latencyMin: number, sigma = 0.5): Laws => ({
  ...laws,
  fix: { ...laws.fix, breaks: { share: 0, latencyMin, sigma, stratum } },
});
