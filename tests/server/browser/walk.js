// Runs in a page before its own scripts, and measures what `walk.py` asks for.
globalThis.walk = (() => {
  const shifts = [];
  new PerformanceObserver((list) => {
    for (const shift of list.getEntries()) {
      shifts.push([shift.value, (shift.sources ?? []).map(({ node }) => start(node))]);
    }
  }).observe({ type: "layout-shift", buffered: true });

  const start = (node) => (node?.outerHTML ?? node?.textContent ?? "").slice(0, 120);

  const scrolls = (element) =>
    element !== null && (getComputedStyle(element).overflowX !== "visible" || scrolls(element.parentElement));

  /** What makes the page wider than the window; "" for nothing. */
  function tooWide() {
    const width = document.documentElement.scrollWidth;
    if (width <= innerWidth) return "";
    const found = [...document.body.querySelectorAll("*")].filter(
      (element) => element.getBoundingClientRect().right > innerWidth + 1 && !scrolls(element.parentElement),
    );
    return `${width} > ${innerWidth}: ${found.slice(0, 3).map(start).join(" | ")}`;
  }

  /** The compressed size of all scripts that the page loaded. */
  function scriptBytes() {
    const scripts = performance.getEntriesByType("resource").filter(({ name }) => new URL(name).pathname.endsWith(".js"));
    return scripts.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0);
  }

  /** Texts of choices and rows of one list that read the same and lead to different things. */
  function twins() {
    const found = [];
    for (const list of document.querySelectorAll("main select, main tbody, main ul, main ol")) {
      const seen = new Map();
      for (const item of list.children) {
        const link = item.querySelector("a");
        const target = link?.href ?? item.value ?? "";
        const text = `${item.textContent.trim()} ${link?.getAttribute("aria-label") ?? ""} ${link?.title ?? ""}`;
        if (target && seen.has(text) && seen.get(text) !== target) found.push(text.slice(0, 100));
        seen.set(text, target);
      }
    }
    return found;
  }

  /** Milliseconds until the page and all that it asked for had come, and until its largest part was painted. */
  function loaded() {
    const [page] = performance.getEntriesByType("navigation");
    const ends = performance.getEntriesByType("resource").map(({ responseEnd }) => responseEnd);
    return { all: Math.max(page.loadEventEnd, ...ends), painted };
  }

  let painted = 0;
  new PerformanceObserver((list) => {
    painted = list.getEntries().at(-1).startTime;
  }).observe({ type: "largest-contentful-paint", buffered: true });

  /** Count frames from now on; what it gives is asked for them: how many a second, and the longest wait for one. */
  function countFrames() {
    const times = [performance.now()];
    const next = (now) => {
      times.push(now);
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
    return () => {
      const waits = times.slice(1).map((time, index) => time - times[index]);
      return { perSecond: (1000 * waits.length) / (times.at(-1) - times[0]), longest: Math.max(...waits) };
    };
  }

  return { shifts, tooWide, scriptBytes, twins, loaded, countFrames };
})();
