// npm run bench [-- NAME …] [-- -o json] [-- --seeds N]: runs the measurements of this folder one after the other.
// Ends with 1 when a promise is not kept. Never part of the tests: a busy machine is not a fault.
import { readdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { measuredBy, type Summary, summarise } from './bench.ts';

const { values, positionals } = parseArgs({
  options: { output: { type: 'string', short: 'o', default: 'table' }, seeds: { type: 'string' } },
  allowPositionals: true,
});

const files = readdirSync(import.meta.dirname).filter((file) => file.endsWith('.bench.ts'));
const chosen = files.filter((file) => positionals.length === 0 || positionals.some((n) => file.includes(n)));
if (chosen.length === 0) {
  console.error(`bench: nothing is called ${positionals.join(' ')}. There is: ${files.join(', ')}`);
  process.exit(2);
}

const seeds = values.seeds === undefined ? undefined : Number(values.seeds);
if (seeds !== undefined && !(Number.isSafeInteger(seeds) && seeds > 0)) {
  console.error(`bench: --seeds ${values.seeds}: expected a whole number from 1`);
  process.exit(2);
}
/** With JSON asked for, what is printed besides goes where it does not disturb. */
const print = (text: string) => (values.output === 'json' ? console.error(text) : console.log(text));

const number = (value: number) => (value >= 100 ? Math.round(value) : Number(value.toPrecision(3)));
const summaries: Summary[] = [];
for (const file of chosen) {
  process.stderr.write(`${file} …\n`);
  const exported = await import(pathToFileURL(path.join(import.meta.dirname, file)).href);
  for (const measured of await measuredBy(exported, { seeds, print })) summaries.push(summarise(measured));
}

const machine = {
  node: process.versions.node,
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: availableParallelism(),
  memoryGiB: Math.round(totalmem() / 2 ** 30),
};
if (values.output === 'json') console.log(JSON.stringify({ machine, measured: summaries }, null, 2));
else {
  console.log(`${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Node ${machine.node}`);
  for (const s of summaries) {
    const verdict = s.kept === undefined ? '' : ` (promised ${s.promised}: ${s.kept ? 'kept' : 'NOT KEPT'})`;
    console.log(
      `${s.what}: median ${number(s.median)} ${s.unit}, p90 ${number(s.p90)}, p99 ${number(s.p99)}, ${s.samples} samples${verdict}`,
    );
  }
}
if (chosen.length === files.length)
  writeFileSync(path.join(import.meta.dirname, 'results.md'), resultsText());
process.exitCode = summaries.some((s) => s.kept === false) ? 1 : 0;

/** The results of the last whole run, kept beside the measurements. */
function resultsText(): string {
  const rows = summaries.map((s) => {
    const promise = s.kept === undefined ? 'watched' : `${s.promised}: ${s.kept ? 'kept' : 'not kept'}`;
    const [median, p90, p99] = [s.median, s.p90, s.p99].map((value) => `${number(value)} ${s.unit}`);
    return `| ${s.what} | ${median} | ${p90} | ${p99} | ${s.samples} | ${promise} |`;
  });
  const size = `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Node ${machine.node}`;
  return `# Results of the last run\n\n${size}. Written by \`npm run bench\`.\n\n| what | median | p90 | p99 | samples | promise |\n| --- | --- | --- | --- | --- | --- |\n${rows.join('\n')}\n`;
}
