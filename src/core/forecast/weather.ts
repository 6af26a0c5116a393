import { Calendar } from './calendar.ts';
import type { Laws } from './laws.ts';
import type { ModelFleet } from './model-fleet.ts';
import { type Draw, drawsOf, keyOf } from './random.ts';
import { CAUSE, type Wellbeing } from './wellbeing.ts';

const PURPOSE = { noise: 101, surges: 102, clusters: 103, inSurge: 104 };

/** Bad episodes that the fix has no part in: noise and incidents. The same under every policy of one seed. */
export class Weather {
  readonly #fleet: ModelFleet;
  readonly #laws: Laws;
  readonly #seed: number;
  readonly #wellbeing: Wellbeing;
  readonly #ends: Calendar;
  readonly #noise: Arrivals;
  readonly #surgesBegin: Arrivals;
  readonly #clustersFall: Arrivals;
  #surges: Surge[] = [];
  #surgesSoFar = 0;
  #inRegion: Members | undefined;
  #inCluster: Members | undefined;
  readonly #warmUp: number;

  /** Begins so long before tick 0 that everything that could last into it was drawn. */
  constructor(
    of: { readonly fleet: ModelFleet; readonly laws: Laws; readonly seed: number; readonly ticks: number },
    wellbeing: Wellbeing,
  ) {
    const { fleet, laws, seed } = of;
    const { noise, incidents } = laws;
    this.#fleet = fleet;
    this.#laws = laws;
    this.#seed = seed;
    this.#wellbeing = wellbeing;
    this.#noise = new Arrivals(
      (fleet.size * noise.episodesPerHour) / 60,
      drawsOf(keyOf(seed, PURPOSE.noise)),
    );
    this.#surgesBegin = new Arrivals(incidents.regionalPerHour / 60, drawsOf(keyOf(seed, PURPOSE.surges)));
    this.#clustersFall = new Arrivals(incidents.clusterPerHour / 60, drawsOf(keyOf(seed, PURPOSE.clusters)));
    const longestMin = Math.max(noise.episodeMin + incidents.regionalMin, incidents.clusterMin);
    this.#warmUp = Math.ceil(longestMin / laws.stepMin);
    this.#ends = new Calendar(of.ticks + this.#warmUp, fleet.size);
    for (let tick = -this.#warmUp; tick < 0; tick += 1) this.pass(tick);
    wellbeing.forget();
  }

  /** One tick: episodes end, incidents begin and end, new episodes begin. */
  pass(tick: number): void {
    const sinceBegin = tick + this.#warmUp;
    const minute = sinceBegin * this.#laws.stepMin;
    this.#ends.take(sinceBegin, (index) => this.#wellbeing.drop(index, CAUSE.episode));
    const { noise, incidents } = this.#laws;
    this.#noise.until(minute, (draw) => {
      this.#episode(Math.floor(draw() * this.#fleet.size), noise.episodeMin, sinceBegin);
    });
    this.#surgesBegin.until(minute, (draw) => this.#beginSurge(draw, minute));
    if (this.#surges.length > 0) this.#passSurges(minute, sinceBegin);
    this.#clustersFall.until(minute, (draw) => {
      const hit = this.#clusterMembers().of(Math.floor(draw() * this.#fleet.managementClusters));
      for (const index of hit) this.#episode(index, incidents.clusterMin, sinceBegin);
    });
  }

  /** One that is in an episode already has no second one. */
  #episode(index: number, lastsMin: number, sinceBegin: number): void {
    if (this.#wellbeing.has(index, CAUSE.episode)) return;
    this.#wellbeing.add(index, CAUSE.episode);
    this.#ends.add(sinceBegin + Math.max(1, Math.round(lastsMin / this.#laws.stepMin)), index);
  }

  #beginSurge(draw: Draw, minute: number): void {
    const { noise, incidents } = this.#laws;
    this.#inRegion ??= new Members(this.#fleet.region, this.#fleet.regions);
    const members = this.#inRegion.of(Math.floor(draw() * this.#fleet.regions));
    const more = Math.max(0, incidents.regionalFactor - 1) * noise.episodesPerHour * members.length;
    this.#surgesSoFar += 1;
    const key = keyOf(keyOf(this.#seed, PURPOSE.inSurge), this.#surgesSoFar);
    const arrivals = new Arrivals(more / 60, drawsOf(key), minute);
    this.#surges.push({ members, arrivals, endsMin: minute + incidents.regionalMin });
  }

  #passSurges(minute: number, sinceBegin: number): void {
    const { episodeMin } = this.#laws.noise;
    for (const { members, arrivals, endsMin } of this.#surges) {
      arrivals.until(Math.min(minute, endsMin), (draw) => {
        this.#episode(members[Math.floor(draw() * members.length)]!, episodeMin, sinceBegin);
      });
    }
    this.#surges = this.#surges.filter(({ endsMin }) => endsMin > minute);
  }

  #clusterMembers(): Members {
    this.#inCluster ??= new Members(this.#fleet.managementCluster, this.#fleet.managementClusters);
    return this.#inCluster;
  }
}

type Surge = { readonly members: Int32Array; readonly arrivals: Arrivals; readonly endsMin: number };

/** A Poisson stream of arrivals, so many a minute, whatever the ticks. */
class Arrivals {
  readonly #perMin: number;
  readonly #draw: Draw;
  #nextMin: number;

  constructor(perMin: number, draw: Draw, fromMin = 0) {
    this.#perMin = perMin;
    this.#draw = draw;
    this.#nextMin = perMin > 0 ? fromMin + this.#gapMin() : Number.POSITIVE_INFINITY;
  }

  until(minute: number, each: (draw: Draw) => void): void {
    while (this.#nextMin <= minute) {
      each(this.#draw);
      this.#nextMin += this.#gapMin();
    }
  }

  #gapMin(): number {
    return -Math.log(this.#draw()) / this.#perMin;
  }
}

/** The indices of each group, sorted by group. */
class Members {
  readonly #begins: Int32Array;
  readonly #sorted: Int32Array;

  constructor(groupOf: Int32Array, groups: number) {
    this.#begins = new Int32Array(groups + 1);
    for (const group of groupOf) this.#begins[group + 1]! += 1;
    for (let group = 0; group < groups; group += 1) this.#begins[group + 1]! += this.#begins[group]!;
    const at = this.#begins.slice();
    this.#sorted = new Int32Array(groupOf.length);
    groupOf.forEach((group, index) => {
      this.#sorted[at[group]!] = index;
      at[group]! += 1;
    });
  }

  of(group: number): Int32Array {
    return this.#sorted.subarray(this.#begins[group], this.#begins[group + 1]);
  }
}
