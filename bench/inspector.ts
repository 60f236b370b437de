import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../scripts/toolbox/editorPage';
import { inspectorHtml } from '../src/editor/inspector/html';
import { InspectorSession } from '../src/editor/inspector/inspectorSession';
import { TrafficRecorder } from '../src/traffic/trafficRecorder';
import { maxTimelineLanes, overviewParts } from '../src/protocol/timeline';
import { parseQuery } from '../src/traffic/query';
import { trafficStatistics } from '../src/traffic/statistics';
import { TimelineLayout } from '../src/traffic/timeline';
import type { TrafficSort } from '../src/traffic/trafficSort';
import { TrafficView } from '../src/traffic/trafficView';
import { ManualClock, recordMany } from '../test/support/sampleTraffic';
import { atMost, summarise, type Bench, type BenchRow } from './measure';

const records = 100_000;
const recordsPerSecond = 1000;
const appendEveryMs = 10;
const limitMb = 64;
const origin = 'https://inspector.bench';
const dist = process.env['MCP_WORKBENCH_WEBVIEW_DIST'] ?? path.join(import.meta.dirname, '..', 'dist', 'webview');

/** What the page notes of itself from its first moment on. */
const probes = `
  window.bench = { longTasks: [], firstPaint: undefined };
  new PerformanceObserver((list) => bench.longTasks.push(...list.getEntries().map(({ duration }) => duration)))
    .observe({ type: 'longtask', buffered: true });
  window.addEventListener('message', ({ data }) => { if (data.type === 'reset') bench.posted ??= performance.now(); }, true);
  const watch = () => document.querySelector('.drawn > .row .name')
    ? requestAnimationFrame(() => { bench.firstPaint = performance.now(); })
    : requestAnimationFrame(watch);
  watch();
  window.acquireVsCodeApi = () => ({
    postMessage: (message) => hostReceive(message), getState: () => undefined, setState: () => undefined });
`;

interface Shown {
  browser: Browser;
  page: Page;
  close: () => Promise<void>;
}

async function showPage(recorder: TrafficRecorder): Promise<Shown> {
  const browser = await launchChromium();
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
  const session = new InspectorSession(recorder, {
    // As text, which the page parses as the editor's own webviews do; as a script it would be compiled each time.
    post: (message) => {
      const text = JSON.stringify(JSON.stringify(message));
      void page.evaluate(`window.postMessage(JSON.parse(${text}), '*')`).catch(() => undefined);
    },
    copyText: () => undefined,
    openDocument: () => undefined,
    saveText: () => undefined,
    saveTraffic: () => undefined,
  });
  await page.exposeFunction('hostReceive', (message: unknown) => session.receive(message));
  await page.addInitScript(probes);
  await page.route(`${origin}/**`, async (route) => {
    const file = new URL(route.request().url()).pathname.slice(1);
    if (file !== '') await route.fulfill({ path: path.join(dist, path.basename(file)) });
    else {
      await route.fulfill({
        contentType: 'text/html',
        body: inspectorHtml({
          surface: 'panel',
          cspSource: origin,
          nonce: 'bench',
          scriptUri: `${origin}/inspector.js`,
        }),
      });
    }
  });
  // Read once before, so that the disk is not measured.
  readFileSync(path.join(dist, 'inspector.js'));
  await page.goto(`${origin}/`);
  return {
    browser,
    page,
    close: async () => {
      session.dispose();
      await browser.close();
    },
  };
}

/** Milliseconds per frame while the list is scrolled a little in each. */
async function scrollFrames(page: Page): Promise<number[]> {
  return page.evaluate<number[]>(`new Promise((resolve) => {
    const grid = document.querySelector('.grid');
    const frames = [];
    let last = performance.now();
    let top = 0;
    const step = (now) => {
      frames.push(now - last);
      last = now;
      grid.scrollTop = (top += 330);
      if (frames.length < 240) requestAnimationFrame(step);
      else resolve(frames.slice(2));
    };
    requestAnimationFrame(step);
  })`);
}

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  /** Processor time of the thread, in microseconds. */
  tdur?: number;
  args?: { name?: string };
}

/** The most processor time that a task of the page's main thread took, in milliseconds. */
function longestOwnTime(trace: string): number {
  const { traceEvents } = JSON.parse(trace) as { traceEvents: TraceEvent[] };
  const main = new Set(
    traceEvents
      .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid}/${tid}`),
  );
  let longest = 0;
  for (const { name, ph, pid, tid, tdur = 0 } of traceEvents) {
    if (ph === 'X' && name.endsWith('RunTask') && main.has(`${pid}/${tid}`)) longest = Math.max(longest, tdur / 1000);
  }
  return longest;
}

/** Milliseconds of each, the median of 7 and the longest, which is mostly the first, before the code is compiled. */
function timed(work: () => unknown): { p50: number; longest: number } {
  const times = Array.from({ length: 7 }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  });
  return { p50: summarise(times).p50, longest: Math.max(...times) };
}

const filters = [
  'lambda',
  '-lambda error',
  'tool:s3_* status:error',
  'dur:>200 -status:ok',
  'size:>10k',
  'time:>10:42',
  'no such',
];

/** What the host does when somebody types a filter or looks at another view. */
function hostRows(recorder: TrafficRecorder): BenchRow[] {
  const slowest = filters
    .map((text) => ({ text, ...timed(() => new TrafficView(recorder, parseQuery(text))) }))
    .reduce((left, right) => (left.p50 >= right.p50 ? left : right));
  const statistics = timed(() => trafficStatistics(recorder, parseQuery(''), 'tool'));
  const sorted = timed(() => {
    const sort: TrafficSort = { column: 'duration', isDescending: true };
    return new TrafficView(recorder, parseQuery(''), { sort });
  });
  const layout = timed(() => {
    const timeline = new TimelineLayout(recorder, parseQuery(''));
    const { from, to } = timeline.extent ?? { from: 0, to: 1 };
    return [timeline.overview(overviewParts), timeline.window(from, to, 1000, maxTimelineLanes)];
  });
  return [
    atMost(`Slowest of ${filters.length} filters over all summaries (\`${slowest.text}\`)`, slowest.p50, 50, 'ms'),
    { what: 'The same when it is first asked for', measured: `${slowest.longest.toFixed(1)} ms` },
    atMost('Statistics by tool', statistics.p50, 50, 'ms'),
    { what: 'Sorting by duration', measured: `${sorted.p50.toFixed(1)} ms` },
    { what: 'Timeline, laid out and drawn from the whole', measured: `${layout.p50.toFixed(1)} ms` },
  ];
}

/** The inspector's built page in Chromium on 100,000 records, and while 1,000 a second come for a minute. */
export const inspector: Bench = async ({ isQuick }) => {
  const appendSeconds = isQuick ? 10 : 60;
  const clock = new ManualClock();
  const recorder = new TrafficRecorder({ clock, maxBytes: 1e9 });
  recordMany(recorder, clock, records / 2);
  const rows = hostRows(recorder);
  const { browser, page, close } = await showPage(recorder);
  try {
    // The page's security policy lets nothing be evaluated later on, so it is asked again and again.
    while (!(await page.evaluate<boolean>('bench.firstPaint !== undefined'))) await delay(20);
    const painted = await page.evaluate<number>('bench.firstPaint - bench.posted');
    rows.push(
      atMost('From the list to its first paint', painted, 150, 'ms'),
      atMost('Frame while scrolling, mean', summarise(await scrollFrames(page)).mean, 20, 'ms'),
    );
    await page.evaluate(`bench.longTasks.length = 0; document.querySelector('.grid').focus()`);
    await page.keyboard.press('f');
    await delay(500);
    await page.evaluate('bench.longTasks.length = 0');
    recorder.setMaxBytes(limitMb * 1024 * 1024);
    await browser.startTracing(page, { categories: ['toplevel'] });
    let sent = records / 2;
    let largest = 0;
    const until = performance.now() + appendSeconds * 1000;
    // Spread evenly, as many clients send: the host gathers what comes in a frame.
    for (let next = performance.now(); next < until; next += appendEveryMs) {
      const calls = (recordsPerSecond / 2 / 1000) * appendEveryMs;
      recordMany(recorder, clock, calls, sent);
      sent += calls;
      largest = Math.max(largest, recorder.extent.bytes);
      await delay(Math.max(0, next + appendEveryMs - performance.now()));
    }
    const longTasks = await page.evaluate<number[]>('bench.longTasks');
    const busiest = longestOwnTime((await browser.stopTracing()).toString());
    rows.push(
      {
        what: `Long tasks (over 50 ms) in ${appendSeconds} s of ${recordsPerSecond} records/s`,
        measured:
          longTasks.length === 0 ? 'none' : `${longTasks.length}, longest ${Math.max(...longTasks).toFixed(0)} ms`,
        goal: 'none',
        isMet: longTasks.length === 0,
      },
      // On a machine that others use too, a task may stand still for long without doing anything.
      atMost('Longest of those tasks in processor time of its own', busiest, 50, 'ms'),
      atMost(`Records in memory at a setting of ${limitMb} MB`, largest / 1024 / 1024, limitMb + 0.1, 'MB'),
    );
  } finally {
    await close();
    recorder.dispose();
  }
  return {
    title: 'Inspector at 100,000 records',
    method:
      'The built page in headless Chromium, connected to the host side in the same process as the editor would be. ' +
      'Scrolling moves 15 rows in each frame; appending follows the newest.',
    rows,
  };
};
