/** Runs in the page: the times between frames in which nothing is done. */
export function noteEmptyFrames(ms: number): Promise<number[]> {
  return new Promise((resolve) => {
    const intervals: number[] = [];
    const from = performance.now();
    let last = 0;
    const frame = (now: number) => {
      if (last > 0) intervals.push(now - last);
      last = now;
      if (now - from < ms) requestAnimationFrame(frame);
      else resolve(intervals);
    };
    requestAnimationFrame(frame);
  });
}

/** Runs in the page: the times between frames while the list is scrolled by four rows in each, and frames without rows. */
export function noteScrollFrames({ ms, selector }: { ms: number; selector: string }): Promise<{
  intervals: number[];
  blank: number;
}> {
  const STEP_PX = 160;
  let scroller: Element | null = document.querySelector(selector);
  while (scroller) {
    const { overflowY } = getComputedStyle(scroller);
    if (/auto|scroll/.test(overflowY) && scroller.scrollHeight > scroller.clientHeight) break;
    scroller = scroller.parentElement;
  }
  const target = scroller ?? document.scrollingElement;
  return new Promise((resolve) => {
    const intervals: number[] = [];
    let blank = 0;
    let last = 0;
    const from = performance.now();
    const frame = (now: number) => {
      if (last > 0) intervals.push(now - last);
      last = now;
      if (!document.querySelector(selector)) blank += 1;
      target?.scrollBy(0, STEP_PX);
      if (now - from < ms) requestAnimationFrame(frame);
      else resolve({ intervals, blank });
    };
    requestAnimationFrame(frame);
  });
}
