import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Ground } from './ground.ts';

export type Mood = 'build' | 'hang' | 'fail' | 'garbage' | 'nothing' | 'wait';

/** A builder that does what it was last told: `wait` goes on once it is told to `build`. */
export function moodyBuilder(ground: Ground): {
  readonly command: readonly string[];
  will(mood: Mood): void;
} {
  const file = join(ground.dir, 'mood');
  const script = ground.write(SCRIPT, 'moody-builder.mjs');
  return { command: [process.execPath, script, file], will: (mood) => writeFileSync(file, mood) };
}

const SCRIPT = `import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
const mood = () => readFileSync(process.argv[2], 'utf8');
const first = mood();
console.log('told to ' + first);
if (first === 'hang') setInterval(() => {}, 1000);
if (first === 'fail') { console.error('undefined: leases.Drop'); process.exit(3); }
if (first === 'garbage') writeFileSync('out', Buffer.from([0, 255, 0, 254]));
if (first === 'build') build();
if (first === 'wait') {
  const timer = setInterval(() => {
    if (mood() !== 'build') return;
    clearInterval(timer);
    build();
  }, 20);
}
function build() {
  mkdirSync('out', { recursive: true });
  writeFileSync('out/operator', process.env.FLEETFIX_COMMIT);
}
`;
