import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { RecordedHub, TOKEN } from './recorded-hub.ts';
import type { World } from './worlds.ts';

const EXECUTABLE = process.env.CHROMIUM || '/usr/bin/chromium';
const ARGS = ['--no-sandbox', '--disable-quic', '--disable-background-networking', '--disable-gpu'];

/** Why the pages cannot be tried here; undefined when they can. */
const WHY_NOT = existsSync(EXECUTABLE)
  ? undefined
  : `there is no chromium at ${EXECUTABLE}: install it (Debian: apt-get install -y chromium) or name it in CHROMIUM`;

export type Opening = Pick<BrowserContextOptions, 'colorScheme' | 'viewport' | 'reducedMotion'> & {
  readonly loggedIn?: boolean;
};

/** A hub over recorded worlds and a browser on it, for the tests of one file. */
export type Stage = {
  readonly hub: RecordedHub;
  /** Opens a page and waits for nothing. The page is closed after the test. */
  open(path: string, how?: Opening): Promise<Page>;
};

async function openPage(
  browser: Browser,
  url: string,
  how: Opening,
): Promise<{ page: Page; faults: string[] }> {
  const { loggedIn = true, ...options } = how;
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  if (loggedIn) await context.addInitScript(`sessionStorage.setItem('fleetfix.token', '${TOKEN}')`);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    // Answers such as 403 are part of the tests; anything else a page complains of is a fault.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      faults.push(message.text());
  });
  await page.goto(url);
  return { page, faults };
}

/**
 * Sets up hub and browser around the tests of a file; each test begins with `worlds`, and fails when a
 * page threw, logged an error, or broke the content policy. Without a browser every test is skipped.
 */
export function onStage(worlds: () => readonly World[]): Stage {
  const hub = new RecordedHub();
  let browser: Browser | undefined;
  let origin = '';
  let opened: { page: Page; faults: string[] }[] = [];

  beforeAll(async () => {
    if (WHY_NOT !== undefined) return;
    const build = join(import.meta.dirname, '../../console/build.mjs');
    await promisify(execFile)(process.execPath, [build]);
    origin = await hub.start();
    browser = await chromium.launch({ executablePath: EXECUTABLE, args: ARGS });
  });
  afterAll(async () => {
    await browser?.close();
    if (WHY_NOT === undefined) await hub.stop();
  });
  beforeEach((context) => {
    if (WHY_NOT !== undefined) context.skip(WHY_NOT);
    hub.reset(worlds());
  });
  afterEach(async () => {
    const faults = opened.flatMap((one) => one.faults);
    await Promise.all(opened.map(({ page }) => page.context().close()));
    opened = [];
    expect(faults).toEqual([]);
  });

  return {
    hub,
    async open(path, how = {}) {
      const one = await openPage(browser!, `${origin}${path}`, how);
      opened.push(one);
      return one.page;
    },
  };
}
