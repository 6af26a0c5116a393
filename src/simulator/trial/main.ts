// npm run sim -- --seeds 200 --hours 72
import { parseArgs } from 'node:util';
import { type Order, runCampaign } from './campaign.ts';
import { failureText, progressText, tallyText } from './texts.ts';

const USAGE = `npm run sim -- [options]

  --seeds N      play the seeds 1 to N                    (20)
  --from S       begin with seed S instead of 1
  --seed S       play this one seed
  --hours H      simulated hours of each                  (72)
  --postgres N   play every N-th seed on PostgreSQL too,
                 which must come to the same; 0: none     (25)
  --workers N    threads                                  (one a core)
  -o json        print the tally as JSON
`;

type Options = Order & { readonly json: boolean };

/** Throws an Error with what is wrong and what is allowed. */
function optionsOf(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: 'string' },
      from: { type: 'string' },
      seed: { type: 'string' },
      hours: { type: 'string', default: '72' },
      postgres: { type: 'string', default: '25' },
      workers: { type: 'string' },
      output: { type: 'string', short: 'o', default: 'text' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) throw new Error(USAGE);
  if (values.output !== 'json' && values.output !== 'text')
    throw new Error(`-o ${values.output}: expected json or text`);
  const one = values.seed === undefined ? undefined : whole('seed', values.seed, 0);
  const hours = Number(values.hours);
  if (!(hours > 0 && hours <= 10_000))
    throw new Error(`--hours ${values.hours}: expected more than 0, at most 10000`);
  return {
    from: one ?? whole('from', values.from ?? '1', 0),
    seeds: one === undefined ? whole('seeds', values.seeds ?? '20', 1) : 1,
    hours,
    postgresEvery: whole('postgres', values.postgres, 0),
    workers: values.workers === undefined ? undefined : whole('workers', values.workers, 1),
    json: values.output === 'json',
  };
}

function whole(name: string, text: string, least: number): number {
  const n = Number(text);
  if (Number.isSafeInteger(n) && n >= least) return n;
  throw new Error(`--${name} ${text}: expected a whole number, at least ${least}`);
}

async function main(): Promise<number> {
  let options: Options;
  try {
    options = optionsOf(process.argv.slice(2));
  } catch (problem) {
    process.stderr.write(`${(problem as Error).message}\n`);
    return 2;
  }
  const stopping = new AbortController();
  // The first one ends it well; a second one is for the impatient.
  process.once('SIGINT', () => {
    process.stderr.write('\nstopping after this step …\n');
    stopping.abort();
  });
  const began = performance.now();
  const tally = await runCampaign(options, {
    signal: stopping.signal,
    told: (outcome, done) => {
      if (outcome.failure) process.stderr.write(`\r${failureText(outcome, options.hours)}\n`);
      const text = progressText({ done, of: options.seeds, outcome, tookMs: performance.now() - began });
      process.stderr.write(process.stderr.isTTY ? `\r${text}` : done % 10 === 0 ? `${text}\n` : '');
    },
  });
  if (process.stderr.isTTY) process.stderr.write('\n');
  process.stdout.write(options.json ? `${JSON.stringify(tally, undefined, 2)}\n` : tallyText(tally));
  return tally.failures.length > 0 ? 1 : tally.interrupted ? 130 : 0;
}

process.exitCode = await main();
