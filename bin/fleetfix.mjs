#!/usr/bin/env node
// Starts the CLI on a Node that can run TypeScript as it stands. The system's `node` is often older;
// the one that the npm package `node` installed beside this file is not.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import * as module from 'node:module';
import { constants } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const ownNode = path.join(root, 'node_modules', '.bin', 'node');
const [major, minor] = process.versions.node.split('.').map(Number);
const isNewEnough = major >= 24 || (major === 23 && minor >= 6) || (major === 22 && minor >= 19);

if (isNewEnough) await start();
else if (existsSync(ownNode) && process.env.FLEETFIX_NODE_CHOSEN === undefined) startAgain();
else refuse();

async function start() {
  // Keeps what Node derived from our files, so that the second start is quicker. Not essential.
  module.enableCompileCache?.(path.join(root, '.cache', 'compiled'));
  await import('../src/cli/main.ts');
}

/** The same command under the project's Node: same terminal, same signals, same exit code. */
function startAgain() {
  const child = spawn(ownNode, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, FLEETFIX_NODE_CHOSEN: '1' },
  });
  const onSignal = (signal) => {
    // A terminal sends Ctrl-C to both of us; the child must not hear it twice.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, onSignal);
  child.on('error', (error) => {
    process.stderr.write(`fleetfix: ${ownNode} does not start: ${error.message}. Run: npm ci\n`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

function refuse() {
  process.stderr.write(
    `fleetfix: this is Node ${process.versions.node}; it needs 22.19 or later, and ${ownNode} is missing.\n` +
      `Next: node ${path.join(root, 'scripts', 'setup.mjs')}\n`,
  );
  process.exit(1);
}
