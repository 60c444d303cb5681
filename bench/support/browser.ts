import { type Browser, chromium, type Page } from '@playwright/test';

/** One Chromium for a whole measurement; every load gets a context of its own, so that its caches are empty. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-background-networking'],
  });
}

export const VIEWPORT = { width: 1440, height: 900 };

/** A row of VMs, in our list and in the floor: a link to a VM within a row of a table. */
export const VM_ROW = 'tr:has(a[href*="/vms/"])';

export interface PageLoad {
  /** From the beginning of the navigation, in ms: the first row in the document, and two frames later. */
  rowMs: number;
  paintedMs: number;
  requests: number;
  /** As they travelled: everything, scripts, the document, and what came over WebSockets until the rows were painted. */
  bytes: number;
  scriptBytes: number;
  documentBytes: number;
  socketBytes: number;
  /** Names of the VMs that are shown. */
  names: string[];
}

/** Loads a page with empty caches until its first VM row is painted. */
export async function loadCold(browser: Browser, url: string, settleMs = 1_500): Promise<PageLoad> {
  const context = await browser.newContext({ viewport: VIEWPORT });
  try {
    const page = await context.newPage();
    const cdp = await context.newCDPSession(page);
    await cdp.send('Network.enable');
    const kinds = new Map<string, string>();
    const sum = { requests: 0, bytes: 0, scriptBytes: 0, documentBytes: 0, socketBytes: 0 };
    cdp.on('Network.responseReceived', ({ requestId, type }) => kinds.set(requestId, type));
    cdp.on('Network.requestWillBeSent', () => {
      sum.requests += 1;
    });
    cdp.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
      sum.bytes += encodedDataLength;
      const kind = kinds.get(requestId);
      if (kind === 'Script') sum.scriptBytes += encodedDataLength;
      if (kind === 'Document') sum.documentBytes += encodedDataLength;
    });
    cdp.on('Network.webSocketFrameReceived', ({ response }) => {
      sum.bytes += response.payloadData.length;
      sum.socketBytes += response.payloadData.length;
    });
    await page.addInitScript(noteFirstRow, VM_ROW);
    await page.goto(url, { waitUntil: 'commit' });
    const times = await page.waitForFunction(
      () => (globalThis as unknown as { firstRow?: { row: number; painted: number } }).firstRow,
      undefined,
      { timeout: 120_000 },
    );
    const { row, painted } = (await times.jsonValue()) ?? { row: Number.NaN, painted: Number.NaN };
    // What the page loads for its first paint and its subscriptions, but not what it fetches when idle for later.
    await page.waitForTimeout(settleMs);
    return { rowMs: row, paintedMs: painted, ...sum, names: await shownNames(page) };
  } finally {
    await context.close();
  }
}

export async function shownNames(page: Page): Promise<string[]> {
  return page.$$eval(`${VM_ROW} a[href*="/vms/"]`, (links) => [
    ...new Set(links.map((link) => link.textContent?.trim() ?? '')),
  ]);
}

/** Runs in the page before any script of it. */
function noteFirstRow(selector: string): void {
  const store = globalThis as unknown as { firstRow?: { row: number; painted: number } };
  const observer = new MutationObserver(() => look());
  const look = () => {
    if (!document.querySelector(selector)) return;
    observer.disconnect();
    const row = performance.now();
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        store.firstRow = { row, painted: performance.now() };
      }),
    );
  };
  observer.observe(document, { childList: true, subtree: true });
}
