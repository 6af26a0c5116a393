import { Calendar } from './calendar.ts';
import type { Laws } from './laws.ts';
import type { ModelFleet } from './model-fleet.ts';
import { type ModelView, STATE } from './pacing-rule.ts';
import { drawOf, keyOf, lognormalAt, lognormalTable } from './random.ts';
import { Weather } from './weather.ts';
import { CAUSE, Wellbeing } from './wellbeing.ts';
import { Workers } from './workers.ts';

const PURPOSE = { apply: 201, goBack: 202, breaks: 203, shows: 204, cures: 205, fails: 206 };
const CURE_SIGMA = 0.4;

/** What the fix did to a control plane. Hidden. */
const FATE = { spared: 0, brokenHidden: 1, brokenSeen: 2, repaired: 3 } as const;

/** One run of the model: the fleet under a fix, tick by tick. It decides nothing. */
export class ModelRun {
  readonly view: ModelView;
  /** Control planes: told so far, that ever ran it, on their way there or back now. */
  told = 0;
  everRan = 0;
  moving = 0;
  /** Broken by the fix so far; of them: were burning, were seen broken, are back. */
  broken = 0;
  brokenBurning = 0;
  brokenSeen = 0;
  repaired = 0;
  /** Those that will recover, and have not yet. */
  curing = 0;
  /** On their way back, by management cluster. */
  readonly goingBackIn: Int32Array;

  readonly #fleet: ModelFleet;
  readonly #laws: Laws;
  readonly #state: Uint8Array;
  readonly #runningSince: Float64Array;
  readonly #lists = { ran: [] as number[], cameBack: [] as number[], failed: [] as number[] };
  readonly #wellbeing: Wellbeing;
  readonly #weather: Weather;
  readonly #workers: Workers;
  /** 1: a worker is on it; 0 while it waits in line or needs none. */
  readonly #inWork: Uint8Array;
  /** Equally likely lengths of an apply, in ticks. */
  readonly #applyTicks: Float64Array;
  readonly #fate: Uint8Array;
  readonly #burnsSince: Float64Array;
  readonly #due: Readonly<Record<'apply' | 'fail' | 'back' | 'show' | 'cure', Calendar>>;
  readonly #key: Readonly<Record<keyof typeof PURPOSE, number>>;
  #tick = 0;
  #minute = 0;
  #brokenMin = 0;
  #burnMin = 0;

  constructor(of: {
    readonly fleet: ModelFleet;
    readonly laws: Laws;
    readonly seed: number;
    readonly ticks: number;
  }) {
    const { fleet, laws, seed, ticks } = of;
    const calendar = () => new Calendar(ticks, fleet.size);
    this.#fleet = fleet;
    this.#laws = laws;
    this.#state = new Uint8Array(fleet.size).fill(STATE.untouched);
    this.#runningSince = new Float64Array(fleet.size).fill(-1);
    this.#inWork = new Uint8Array(fleet.size);
    this.#fate = new Uint8Array(fleet.size);
    this.#burnsSince = new Float64Array(fleet.size);
    const { medianMin, sigma } = laws.apply;
    this.#applyTicks = lognormalTable(medianMin / laws.stepMin, sigma).map((t) => Math.max(1, Math.round(t)));
    this.#workers = new Workers(fleet, laws.apply.atOncePerManagementCluster);
    this.goingBackIn = new Int32Array(fleet.managementClusters);
    this.#due = { apply: calendar(), fail: calendar(), back: calendar(), show: calendar(), cure: calendar() };
    this.#key = {
      apply: keyOf(seed, PURPOSE.apply),
      goBack: keyOf(seed, PURPOSE.goBack),
      breaks: keyOf(seed, PURPOSE.breaks),
      shows: keyOf(seed, PURPOSE.shows),
      cures: keyOf(seed, PURPOSE.cures),
      fails: keyOf(seed, PURPOSE.fails),
    };
    this.#wellbeing = new Wellbeing(fleet.size);
    for (let i = 0; i < fleet.size; i += 1) {
      if (fleet.burning[i] === 1) this.#wellbeing.add(i, CAUSE.burning);
    }
    this.#weather = new Weather(of, this.#wellbeing);
    this.view = {
      fleet,
      state: this.#state,
      runningSince: this.#runningSince,
      unhealthy: this.#wellbeing.unhealthy,
      fellIll: this.#wellbeing.fellIll,
      recovered: this.#wellbeing.recovered,
      ...this.#lists,
    };
  }

  /** Forgets what changed before, and lets happen what is due at a tick. Ticks come in order, from 0. */
  pass(tick: number): void {
    this.#tick = tick;
    this.#minute = tick * this.#laws.stepMin;
    for (const list of Object.values(this.#lists)) list.length = 0;
    this.#wellbeing.forget();
    this.#weather.pass(tick);
    this.#due.back.take(tick, this.#back);
    this.#due.apply.take(tick, this.#run);
    this.#due.fail.take(tick, this.#fail);
    this.#due.show.take(tick, this.#show);
    this.#due.cure.take(tick, this.#cure);
  }

  /** Tells a control plane to take the fix. Throws RangeError when it was told before or is none. */
  tell(index: number): void {
    if (this.#state[index] !== STATE.untouched)
      throw new RangeError(`start of ${index}: ${this.#inState(index)}, expected one untouched`);
    this.#state[index] = STATE.applying;
    this.told += 1;
    this.moving += 1;
    if (this.#workers.claim(index)) this.#begin(index);
  }

  /** Tells one to go back. Throws RangeError when it was not told before, or was told to go back. */
  takeBack(index: number): void {
    const state = this.#state[index];
    if (state !== STATE.applying && state !== STATE.running && state !== STATE.failed)
      throw new RangeError(`rollback of ${index}: ${this.#inState(index)}, expected one told or running`);
    if (state === STATE.applying && this.#inWork[index] === 0) {
      this.#isBack(index);
      return;
    }
    this.#state[index] = STATE.goingBack;
    this.goingBackIn[this.#fleet.managementCluster[index]!]! += 1;
    if (state === STATE.applying) {
      this.#goBack(index);
      return;
    }
    this.moving += 1;
    if (this.#workers.claim(index)) this.#begin(index);
  }

  /** Hours of control planes broken, from when they ran the fix until they were back, or until `untilMin`. */
  brokenHours(untilMin: number): number {
    let minutes = this.#brokenMin;
    for (let i = 0; i < this.#fate.length; i += 1)
      if (this.#isBroken(i)) minutes += untilMin - this.#runningSince[i]!;
    return minutes / 60;
  }

  /** Hours of control planes burning, from minute 0 until they recovered, or until `untilMin`. */
  burnHours(untilMin: number): number {
    let minutes = this.#burnMin;
    for (let i = 0; i < this.#fleet.size; i += 1) {
      if (this.#wellbeing.has(i, CAUSE.burning)) minutes += untilMin - this.#burnsSince[i]!;
    }
    return minutes / 60;
  }

  #inState(index: number): string {
    const name = Object.entries(STATE).find(([, state]) => state === this.#state[index])?.[0];
    return name === undefined ? 'there is no such control plane' : `it is ${name}`;
  }

  /** The tick so many minutes from now, the next one at the earliest. */
  #after(minutes: number): number {
    return this.#tick + Math.max(1, Math.round(minutes / this.#laws.stepMin));
  }

  /** The tick at which an apply, or its undoing, that begins now has ended. */
  #applied(key: number, index: number): number {
    return this.#tick + this.#applyTicks[Math.floor(drawOf(key, index) * this.#applyTicks.length)]!;
  }

  #isBroken(index: number): boolean {
    return this.#fate[index] === FATE.brokenHidden || this.#fate[index] === FATE.brokenSeen;
  }

  /** A worker turns to it. */
  #begin(index: number): void {
    this.#inWork[index] = 1;
    if (this.#state[index] === STATE.goingBack) {
      this.#goBack(index);
      return;
    }
    const { failShare, deadlineMin } = this.#laws.apply;
    if (failShare > 0 && drawOf(this.#key.fails, index) < failShare) {
      this.#due.fail.add(this.#after(deadlineMin), index);
      return;
    }
    this.#due.apply.add(this.#applied(this.#key.apply, index), index);
  }

  #goBack(index: number): void {
    this.#due.back.add(this.#applied(this.#key.goBack, index), index);
  }

  /** The worker turns to the next in line; those that were taken back while they waited are passed over. */
  #leave(index: number): void {
    this.#inWork[index] = 0;
    let following = this.#workers.release(index);
    while (following !== -1 && this.#state[following] === STATE.back)
      following = this.#workers.release(index);
    if (following !== -1) this.#begin(following);
  }

  // What falls due, as members so that the loop makes no functions.

  readonly #run = (index: number): void => {
    if (this.#state[index] !== STATE.applying) return;
    this.#state[index] = STATE.running;
    this.#runningSince[index] = this.#minute;
    this.#lists.ran.push(index);
    this.everRan += 1;
    this.moving -= 1;
    this.#leave(index);
    this.#sealFate(index);
  };

  readonly #fail = (index: number): void => {
    if (this.#state[index] !== STATE.applying) return;
    this.#state[index] = STATE.failed;
    this.#lists.failed.push(index);
    this.moving -= 1;
    this.#leave(index);
  };

  readonly #back = (index: number): void => {
    this.goingBackIn[this.#fleet.managementCluster[index]!]! -= 1;
    this.#leave(index);
    this.#isBack(index);
    this.#repair(index);
    const burnsAgain = this.#fleet.burning[index] === 1 && !this.#wellbeing.has(index, CAUSE.burning);
    if (!burnsAgain) return;
    this.#wellbeing.add(index, CAUSE.burning);
    this.#burnsSince[index] = this.#minute;
  };

  readonly #show = (index: number): void => {
    if (this.#fate[index] !== FATE.brokenHidden) return;
    this.#fate[index] = FATE.brokenSeen;
    this.brokenSeen += 1;
    this.#wellbeing.add(index, CAUSE.broken);
  };

  readonly #cure = (index: number): void => {
    this.curing -= 1;
    if (this.#state[index] === STATE.back) return;
    this.#burnMin += this.#minute - this.#burnsSince[index]!;
    this.#wellbeing.drop(index, CAUSE.burning);
  };

  #isBack(index: number): void {
    this.#state[index] = STATE.back;
    this.moving -= 1;
    this.#lists.cameBack.push(index);
  }

  /** What becomes of one that just began to run it. Nothing of it is to be seen yet. */
  #sealFate(index: number): void {
    const { breaks, curesAfterMin } = this.#laws.fix;
    if (curesAfterMin !== undefined && this.#fleet.burning[index] === 1) {
      this.curing += 1;
      const afterMin = lognormalAt(drawOf(this.#key.cures, index), curesAfterMin, CURE_SIGMA);
      this.#due.cure.add(this.#after(afterMin), index);
    }
    if (!breaks) return;
    const share = this.#fleet.stratum[index] === breaks.stratum ? 1 : breaks.share;
    if (drawOf(this.#key.breaks, index) >= share) return;
    this.#fate[index] = FATE.brokenHidden;
    this.broken += 1;
    this.brokenBurning += this.#fleet.burning[index]!;
    const afterMin = lognormalAt(drawOf(this.#key.shows, index), breaks.latencyMin, breaks.sigma);
    this.#due.show.add(this.#after(afterMin), index);
  }

  #repair(index: number): void {
    if (!this.#isBroken(index)) return;
    this.#fate[index] = FATE.repaired;
    this.repaired += 1;
    this.#brokenMin += this.#minute - this.#runningSince[index]!;
    this.#wellbeing.drop(index, CAUSE.broken);
  }
}
