import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { PATIENCE_MS } from '../patience.ts';
import { RecordedHub, TOKEN } from './recorded-hub.ts';
import type { World } from './worlds.ts';

// The shell first: without a window to draw for, it takes half the time.
const KNOWN = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'];
const EXECUTABLE = process.env.CHROMIUM || KNOWN.map((name) => `/usr/bin/${name}`).find(existsSync);
const ARGS = ['--no-sandbox', '--disable-quic', '--disable-background-networking', '--disable-gpu'];

/** Why the pages cannot be tried here; undefined when they can. */
const WHY_NOT =
  EXECUTABLE !== undefined && existsSync(EXECUTABLE)
    ? undefined
    : `there is no ${EXECUTABLE ?? 'chromium in /usr/bin'}: install it (Debian: apt-get install -y chromium-headless-shell) or name it in CHROMIUM`;

export type Opening = Pick<BrowserContextOptions, 'colorScheme' | 'viewport' | 'reducedMotion'> & {
  /** `false`: nobody; a text: this token. Left out: the token of the recorded hub. */
  readonly loggedIn?: false | string;
};

/** Opens a page and waits for nothing. The page is closed after the test. */
export type Open = (path: string, how?: Opening) => Promise<Page>;

/** What answers the browser during one file of tests. */
export type Served = {
  readonly start: () => Promise<string>;
  readonly stop: () => Promise<void>;
  readonly eachTime?: () => void;
};

async function openPage(
  browser: Browser,
  url: string,
  how: Opening,
): Promise<{ page: Page; faults: string[] }> {
  const { loggedIn = TOKEN, ...options } = how;
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  if (loggedIn !== false)
    await context.addInitScript(`sessionStorage.setItem('fleetfix.token', '${loggedIn}')`);
  context.setDefaultTimeout(PATIENCE_MS);
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
 * Sets up a browser and what it talks to around the tests of a file. A test fails when a page threw,
 * logged an error, or broke the content policy. Without a browser every test is skipped.
 */
export function onBrowser(served: Served): Open {
  let browser: Browser | undefined;
  let origin = '';
  let opened: { page: Page; faults: string[] }[] = [];

  beforeAll(async () => {
    if (WHY_NOT !== undefined) return;
    const build = join(import.meta.dirname, '../../console/build.mjs');
    await promisify(execFile)(process.execPath, [build]);
    origin = await served.start();
    browser = await chromium.launch({ executablePath: EXECUTABLE!, args: ARGS });
  });
  afterAll(async () => {
    await browser?.close();
    if (WHY_NOT === undefined) await served.stop();
  });
  beforeEach((context) => {
    if (WHY_NOT !== undefined) context.skip(WHY_NOT);
    served.eachTime?.();
  });
  afterEach(async () => {
    const faults = opened.flatMap((one) => one.faults);
    await Promise.all(opened.map(({ page }) => page.context().close()));
    opened = [];
    expect(faults).toEqual([]);
  });

  return async (path, how = {}) => {
    const one = await openPage(browser!, `${origin}${path}`, how);
    opened.push(one);
    return one.page;
  };
}

/** A browser on a hub of recorded worlds; each test begins with `worlds`. */
export function onStage(worlds: () => readonly World[]): { readonly hub: RecordedHub; readonly open: Open } {
  const hub = new RecordedHub();
  const open = onBrowser({
    start: () => hub.start(),
    stop: () => hub.stop(),
    eachTime: () => hub.reset(worlds()),
  });
  return { hub, open };
}
