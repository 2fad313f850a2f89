/** Pointing at the landscape: with a mouse, a finger or the keyboard, at a place or at a part of it. */
import { element } from "./dom";
import { type Box, HIGHEST, type Landscape } from "./landscape_chart";

/** Importance and satisfaction from the lower left to the upper right corner. */
export interface Part {
  readonly importance: readonly [number, number];
  readonly satisfaction: readonly [number, number];
}

/** What follows from pointing. */
export interface Pointing {
  /** A place is pointed at, by its index; null for none. */
  readonly at: (index: number | null) => void;
  /** A part is chosen; null for all. */
  readonly choose: (part: Part | null) => void;
}

/** Marks on the chart that scripts move. */
export interface Marks {
  ring(importance: number, satisfaction: number): void;
  brush(part: Part | null): void;
  clear(): void;
}

const NEAR = 14; // px from a place that count as pointing at it
const CLICK = 4; // px that the mouse may move during a click
const STEPS: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** Scores and px of a plot, one from the other. */
export class Scales {
  constructor(
    readonly box: Box,
    private readonly window: Landscape["window"],
  ) {}

  x(importance: number): number {
    return this.box.left + (this.box.width * (importance - this.window.left)) / (HIGHEST - this.window.left);
  }

  y(satisfaction: number): number {
    return this.box.top + (this.box.height * (HIGHEST - satisfaction)) / (HIGHEST - this.window.bottom);
  }

  part(from: DOMPointReadOnly, to: DOMPointReadOnly): Part {
    const across = [this.importance(from.x), this.importance(to.x)].sort((a, b) => a - b);
    const up = [this.satisfaction(from.y), this.satisfaction(to.y)].sort((a, b) => a - b);
    return { importance: inside(across), satisfaction: inside(up) };
  }

  private importance(x: number): number {
    return this.window.left + ((x - this.box.left) / this.box.width) * (HIGHEST - this.window.left);
  }

  private satisfaction(y: number): number {
    return HIGHEST - ((y - this.box.top) / this.box.height) * (HIGHEST - this.window.bottom);
  }
}

/** The hundredths inside two ends, from 0 to 10. */
function inside([low = 0, high = HIGHEST]: readonly number[]): [number, number] {
  const lower = Math.ceil(Math.max(low, 0) * 100) / 100;
  return [lower, Math.max(Math.floor(Math.min(high, HIGHEST) * 100) / 100, lower)];
}

/** A ring and a brush over the chart. */
export function addMarks(chart: HTMLElement, scales: Scales): Marks {
  const ring = element("div", { class: "ring", hidden: true });
  const brush = element("div", { class: "brush", hidden: true });
  chart.append(brush, ring);
  return {
    ring(importance, satisfaction) {
      ring.hidden = false;
      ring.style.left = `${scales.x(importance)}px`;
      ring.style.top = `${scales.y(satisfaction)}px`;
    },
    brush(part) {
      brush.hidden = part === null;
      if (part) lay(brush, part, scales);
    },
    clear() {
      ring.hidden = true;
    },
  };
}

function lay(brush: HTMLElement, part: Part, scales: Scales): void {
  const { left, top, width, height } = scales.box;
  const within = (value: number, low: number, size: number): number => Math.min(Math.max(value, low), low + size);
  const x = part.importance.map((score) => within(scales.x(score), left, width));
  const y = part.satisfaction.map((score) => within(scales.y(score), top, height));
  const margin = 3; // so that a place on the border lies inside
  brush.style.left = `${(x[0] ?? 0) - margin}px`;
  brush.style.top = `${(y[1] ?? 0) - margin}px`;
  brush.style.width = `${(x[1] ?? 0) - (x[0] ?? 0) + 2 * margin}px`;
  brush.style.height = `${(y[0] ?? 0) - (y[1] ?? 0) + 2 * margin}px`;
}

/** Listens to a chart; ends when `signal` does. */
export function followPointing(
  chart: HTMLElement,
  data: Landscape,
  scales: Scales,
  marks: Marks,
  pointing: Pointing,
  signal: AbortSignal,
): void {
  let from: DOMPointReadOnly | null = null;
  let current = -1;
  const place = (event: PointerEvent): DOMPointReadOnly => {
    const { left, top } = chart.getBoundingClientRect();
    return new DOMPointReadOnly(event.clientX - left, event.clientY - top);
  };
  const show = (index: number | null): void => {
    if (index === (current < 0 ? null : current)) return;
    current = index ?? -1;
    pointing.at(index);
  };
  const listen = <K extends keyof HTMLElementEventMap>(name: K, run: (event: HTMLElementEventMap[K]) => void): void =>
    chart.addEventListener(name, run, { signal });

  listen("pointerdown", (event) => {
    if (event.button !== 0 || event.pointerType === "touch") return;
    from = place(event);
    chart.setPointerCapture(event.pointerId);
  });
  listen("pointermove", (event) => {
    const to = place(event);
    if (from && distance(from, to) > CLICK) {
      show(null);
      marks.brush(scales.part(from, to));
    } else if (!from) {
      show(nearest(data, scales, to));
    }
  });
  listen("pointerup", (event) => {
    const to = place(event);
    const found = nearest(data, scales, to);
    if (from && distance(from, to) > CLICK) pointing.choose(scales.part(from, to));
    else if (from) pointing.choose(found === null ? null : partAt(data, found));
    else show(found);
    from = null;
  });
  listen("pointercancel", () => (from = null));
  listen("pointerleave", () => !from && show(null));
  listen("blur", () => show(null));
  listen("keydown", (event) => {
    const next = stepped(event.key, current, data.places.rank.length);
    if (next !== null) show(next);
    else if (event.key === "Enter" && current >= 0) pointing.choose(partAt(data, current));
    else if (event.key === "Escape") pointing.choose(null);
    else return;
    event.preventDefault();
  });
}

function stepped(key: string, current: number, count: number): number | null {
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  const step = STEPS[key];
  return step === undefined ? null : Math.min(Math.max(current + step, 0), count - 1);
}

/** The part that holds one place. */
export function partAt({ places }: Landscape, index: number): Part {
  const [importance, satisfaction] = [places.importance[index] ?? 0, places.satisfaction[index] ?? 0];
  return { importance: [importance, importance], satisfaction: [satisfaction, satisfaction] };
}

/** The place nearest to a point that is near enough; the more pressing one of two that are as near. */
function nearest({ places }: Landscape, scales: Scales, point: DOMPointReadOnly): number | null {
  let found: number | null = null;
  let least = NEAR;
  places.importance.forEach((importance, at) => {
    const off = Math.hypot(scales.x(importance) - point.x, scales.y(places.satisfaction[at] ?? 0) - point.y);
    if (off < least) [found, least] = [at, off];
  });
  return found;
}

function distance(from: DOMPointReadOnly, to: DOMPointReadOnly): number {
  return Math.hypot(from.x - to.x, from.y - to.y);
}
