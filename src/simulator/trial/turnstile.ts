import type { Random } from '../random.ts';

/** Everything that acts on its own and may die: a hub. What it still waits for when it dies never comes. */
export type Life = {
  readonly name: string;
  isDead: boolean;
  /** Set while it is to die at one of its next calls. */
  doom?: Doom;
};

/** `callsLeft`: dies at the call after so many more. `isDone`: that call still takes effect, unheard. */
type Doom = { callsLeft: number; readonly isDone: boolean; readonly die: () => void };

/** What may happen to a call on the way: nothing, or its answer is lost after it took effect. */
export type Interference = (call: { readonly life: Life; readonly name: string }) => Error | undefined;

type Waiting = { readonly place: string; readonly run: () => Promise<void> };

/**
 * Lets through one call at a time of all that happens at once, and a seed chooses whose. What runs between
 * two calls runs alone, and who came first of those who wait does not matter, so the same seed gives the
 * same order of everything, whatever the machine or the database does.
 */
export type Turnstile = {
  /** Waits for its turn, then runs. Never settles once `life` is dead. `about`: tells it from others of its name. */
  pass<T>(life: Life, name: string, call: () => Promise<T>, about?: string): Promise<T>;
  /** Every method of `port` waits for its turn. Methods that return no promise are left as they are. */
  gated<T extends object>(life: Life, portName: string, port: T, names: readonly (keyof T & string)[]): T;
  /** Resolves when nobody waits and nothing that waited before goes on by itself. */
  quiet(): Promise<void>;
  /** How many calls have passed. */
  passed(): number;
};

export function createTurnstile(random: Random, interfere: Interference = () => undefined): Turnstile {
  const waiting: Waiting[] = [];
  let isBusy = false;
  let isAsked = false;
  let passed = 0;

  const ask = () => {
    if (isBusy || isAsked || waiting.length === 0) return;
    isAsked = true;
    // By then everybody who goes on after the last call has come to the next one; the body of a request takes two.
    inTurns(2, () => {
      isAsked = false;
      void letOneThrough();
    });
  };

  const letOneThrough = async () => {
    const index = waiting.length === 1 ? 0 : Math.floor(random() * waiting.length);
    const [chosen] = waiting.sort(byPlace).splice(index, 1);
    if (chosen === undefined) return;
    isBusy = true;
    passed += 1;
    await chosen.run();
    isBusy = false;
    ask();
  };

  const pass = <T>(life: Life, name: string, call: () => Promise<T>, about = ''): Promise<T> =>
    new Promise((resolve, reject) => {
      const run = async () => {
        if (life.isDead) return;
        const dying = isDoomed(life);
        if (dying && !dying.isDone) return dying.die();
        const outcome = await call().then(
          (value) => ({ value }),
          (problem: unknown) => ({ problem }),
        );
        if (dying) return dying.die();
        const lost = interfere({ life, name });
        if (lost !== undefined && 'value' in outcome) reject(lost);
        else if ('value' in outcome) resolve(outcome.value);
        else reject(outcome.problem);
      };
      waiting.push({ place: `${life.name} ${name} ${about}`, run });
      ask();
    });

  return {
    pass,
    gated(life, portName, port, names) {
      const over = Object.fromEntries(
        names.map((name) => [
          name,
          (...args: unknown[]) =>
            pass(
              life,
              `${portName}.${name}`,
              () => (port[name] as (...args: unknown[]) => Promise<unknown>)(...args),
              subjectOf(args[0]),
            ),
        ]),
      );
      return { ...port, ...over };
    },
    async quiet() {
      for (let turns = 0; turns < 2; turns += 1) {
        await new Promise((resolve) => setImmediate(resolve));
        if (isBusy || isAsked || waiting.length > 0) turns = -1;
      }
    },
    passed: () => passed,
  };
}

const inTurns = (turns: number, then: () => void): void =>
  void setImmediate(() => (turns > 1 ? inTurns(turns - 1, then) : then()));

const byPlace = (a: Waiting, b: Waiting): number => (a.place < b.place ? -1 : a.place > b.place ? 1 : 0);

/** What a call is about, where its first argument says it. A token is random, and no seed knows it. */
function subjectOf(first: unknown): string | undefined {
  if (typeof first === 'string') return first.startsWith('ff_') ? undefined : first;
  return typeof first === 'object' && first !== null && 'fix' in first ? String(first.fix) : undefined;
}

/** Its doom, when this is the call at which it dies. */
function isDoomed(life: Life): Doom | undefined {
  if (life.doom === undefined) return undefined;
  life.doom.callsLeft -= 1;
  return life.doom.callsLeft < 0 ? life.doom : undefined;
}
