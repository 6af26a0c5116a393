// Makes a fresh clone ready: packages, a right Node, the console, and with --test the programs tests need.
// Runs on the system's Node (18 or later), before anything is installed, so it imports nothing but Node.
// All its talk goes to standard error: standard output belongs to the command that follows.
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const at = (...parts) => path.join(root, ...parts);
const bin = at('node_modules', '.bin');
const ownNode = path.join(bin, 'node');

class SetupProblem extends Error {}

await main();

async function main() {
  const began = Date.now();
  let free = () => {};
  try {
    requireGit();
    free = await lock(at('.cache', 'setup.lock'));
    const installed = installPackages();
    checkOwnNode();
    buildConsole();
    const added = process.argv.includes('--test') && installTestPrograms();
    if (installed || added) say(`ready after ${seconds(began)}`);
  } catch (error) {
    if (!(error instanceof SetupProblem)) throw error;
    say(error.message);
    process.exitCode = 1;
  } finally {
    free();
  }
}

function requireGit() {
  const version = /(\d+)\.(\d+)/.exec(output('git', ['--version']) ?? '');
  const next = 'Install git 2.38 or later (Debian: apt-get install git) and run the same command again.';
  if (!version) throw new SetupProblem(`git is missing. ${next}`);
  const [major, minor] = [Number(version[1]), Number(version[2])];
  if (major > 2 || (major === 2 && minor >= 38)) return;
  throw new SetupProblem(`git is ${major}.${minor}: too old to pick commits in memory. ${next}`);
}

/** `npm ci`, only when what is installed is not what package-lock.json asks for. */
function installPackages() {
  const because = whyInstall();
  if (because === undefined) return false;
  const began = Date.now();
  say(`installing packages (${because}); about a minute …`);
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const ran = spawnSync('npm', args, { cwd: root, stdio: ['ignore', 2, 2], env: systemEnv() });
  if (ran.error?.code === 'ENOENT')
    throw new SetupProblem('npm is missing. Install Node 18 or later together with npm, then run again.');
  if (ran.error || ran.status !== 0) {
    throw new SetupProblem(
      `npm ci failed (${ran.error?.message ?? `exit ${ran.status ?? ran.signal}`}); its own words are above. ` +
        `Is the registry reachable? See: npm --loglevel=notice ping. Then run the same command again.`,
    );
  }
  say(`packages installed in ${seconds(began)}`);
  return true;
}

/**
 * Compares package-lock.json with the record npm keeps of what it installed, which npm writes last: an
 * interrupted installation has none. Optional packages may be missing, as those of other platforms are.
 */
function whyInstall() {
  const wanted = json(at('package-lock.json'))?.packages;
  if (!wanted)
    throw new SetupProblem('package-lock.json is missing or damaged: git checkout package-lock.json');
  const installed = json(at('node_modules', '.package-lock.json'))?.packages;
  if (!installed) return 'none are installed yet';
  for (const [place, entry] of Object.entries(wanted)) {
    if (place === '' || (entry.optional && !installed[place])) continue;
    if (installed[place]?.version !== entry.version)
      return `${place.replace(/^.*node_modules\//, '')} is not at ${entry.version}`;
  }
  return fs.existsSync(ownNode) ? undefined : 'the package node is incomplete';
}

function checkOwnNode() {
  const version = output(ownNode, ['-p', 'process.versions.node']);
  const [major, minor] = (version ?? '').split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 19)) return;
  throw new SetupProblem(
    `${path.relative(root, ownNode)} ${version ? `is Node ${version.trim()}` : 'does not start'}; 22.19 or later is needed. ` +
      'Remove node_modules and run the same command again.',
  );
}

/** console/build.mjs decides by itself whether anything has changed, and says what it did. */
function buildConsole() {
  const script = at('console', 'build.mjs');
  if (!fs.existsSync(script)) return;
  const ran = spawnSync(ownNode, [script], { cwd: root, stdio: ['ignore', 2, 2] });
  if (ran.status !== 0) throw new SetupProblem('the web console was not built; the reason is above.');
}

/** Debian packages some tests use. Without them those tests are skipped, and say so. */
function installTestPrograms() {
  const wanted = [
    {
      // Half the time of the browser with windows, and what is there already will do.
      pkg: 'chromium-headless-shell',
      programs: ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'],
      skips: 'the browser tests',
    },
    { pkg: 'skopeo', programs: ['skopeo'], skips: 'the tests that read our images with skopeo' },
  ];
  const missing = wanted.filter(({ programs }) => !programs.some(isOnPath));
  if (missing.length === 0) return false;
  const names = missing.map(({ pkg }) => pkg);
  const began = Date.now();
  const because = aptInstall(names);
  const left = missing.filter(({ programs }) => !programs.some(isOnPath));
  if (left.length === 0) say(`${names.join(' and ')} installed in ${seconds(began)}`);
  for (const { pkg, skips } of left)
    say(`${pkg} is missing (${because ?? 'not in its package'}): ${skips} will be skipped`);
  return true;
}

/** Returns why it could not, or undefined. */
function aptInstall(names) {
  if (!isOnPath('apt-get')) return 'no apt-get here';
  if (process.getuid?.() !== 0) return `needs root: sudo apt-get install ${names.join(' ')}`;
  say(`installing ${names.join(' and ')} with apt-get; a minute or two …`);
  const apt = (...args) =>
    spawnSync('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=300', ...args], {
      stdio: ['ignore', 'ignore', 2],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    }).status === 0;
  apt('update');
  return apt('install', '-y', '--no-install-recommends', ...names) ? undefined : 'apt-get failed; see above';
}

/** One setup at a time. A lock whose process is gone is taken over. Returns how to free it. */
async function lock(file) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  for (let told = false; ; told = true) {
    try {
      fs.writeFileSync(file, `${process.pid}`, { flag: 'wx' });
      return () => fs.rmSync(file, { force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const holder = readHolder(file);
    if (isAbandoned(file, holder)) fs.rmSync(file, { force: true });
    else if (!told) say(`another setup (process ${holder ?? 'starting'}) is at work; waiting for it …`);
    await sleep(300);
  }
}

function readHolder(file) {
  try {
    return Number(fs.readFileSync(file, 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}

/** A lock without a number is one being written, unless it stays so. */
function isAbandoned(file, holder) {
  if (holder !== undefined) return !isAlive(holder);
  const found = fs.statSync(file, { throwIfNoEntry: false });
  return found !== undefined && Date.now() - found.mtimeMs > 10_000;
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Without node_modules/.bin in front, so that npm does not run on a Node it is about to delete. */
function systemEnv() {
  const dirs = (process.env.PATH ?? '').split(path.delimiter).filter((dir) => path.resolve(dir) !== bin);
  return { ...process.env, PATH: dirs.join(path.delimiter) };
}

function isOnPath(program) {
  const dirs = (process.env.PATH ?? '').split(path.delimiter);
  return dirs.some((dir) => fs.existsSync(path.join(dir, program)));
}

function output(file, args) {
  const ran = spawnSync(file, args, { encoding: 'utf8' });
  return ran.status === 0 ? ran.stdout : undefined;
}

function json(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

function say(text) {
  process.stderr.write(`setup: ${text}\n`);
}

function seconds(since) {
  return `${Math.max(1, Math.round((Date.now() - since) / 1000))} s`;
}
