/** The opportunity landscape as a Vega-Lite specification: regions of the scheme, their borders, a point for each place. */
import type { TopLevelSpec } from "vega-lite";
import { type Theme, vegaConfig } from "./theme";

/** What is known of a place; a tier is the index of its region. */
const COLUMNS = [
  "importance",
  "satisfaction",
  "opportunity",
  "relevance",
  "rank",
  "best_rank",
  "worst_rank",
  "outcomes",
  "evidenced",
  "tier",
] as const;
type Name = (typeof COLUMNS)[number];

/** The places as columns: what is at one index belongs together, the highest opportunity first; NaN for none. */
export type Places = Readonly<Record<Name, readonly number[]>>;

type Corner = readonly [number, number];

interface Region {
  readonly tier: string;
  readonly words: string;
  readonly kind: number;
  readonly corners: readonly Corner[];
  readonly border: readonly Corner[];
}

/** What the server says of the landscape: the regions stand in the order of their tiers. */
export interface Landscape {
  readonly places: Places;
  readonly regions: readonly Region[];
  readonly window: { readonly left: number; readonly bottom: number };
  readonly scheme: string;
  readonly summary: string;
}

/** What a page carries for the chart, its columns each as one text. */
export function readLandscape(text: string): Landscape {
  const given = JSON.parse(text) as Omit<Landscape, "places"> & { readonly places: Readonly<Record<Name, string>> };
  const columns = COLUMNS.map((name) => [name, given.places[name].split(" ").map(toNumber)] as const);
  return { ...given, places: Object.fromEntries(columns) as Record<Name, number[]> };
}

function toNumber(text: string): number {
  return text === "" ? NaN : Number(text);
}

/** The plot without what stands around it, in px, and how far it is from the sides of the chart. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly width: number;
  readonly height: number;
}

export const HIGHEST = 10;
const MARGIN = 80; // px beside the plot that the words of a tier need
const FILE = { width: 760, height: 600 };
// px² of points of no and of the highest relevance, by how many places there are at most
const SIZES: readonly (readonly [number, readonly [number, number]])[] = [
  [300, [30, 260]],
  [2_000, [16, 120]],
  [Infinity, [5, 30]],
];

/** The chart that fits a box on the page; its legend stands on the page, too. */
export function chartOnPage(data: Landscape, theme: Theme, box: Box): TopLevelSpec {
  const { left, top, right, bottom } = box;
  return {
    ...chart(data, theme, { isNarrow: right < MARGIN }),
    width: box.width,
    height: box.height,
    autosize: "none",
    padding: { left, top, right, bottom },
  } as TopLevelSpec;
}

/** The chart for a file, which says by itself what it shows. */
export function chartInFile(data: Landscape, theme: Theme, about: readonly string[]): TopLevelSpec {
  const title = { text: data.summary, subtitle: about, anchor: "start", subtitleColor: theme.soft, offset: 16 };
  return {
    ...chart(data, theme, { withLegend: true }),
    ...FILE,
    title,
    padding: 16,
    background: theme.paper,
  } as TopLevelSpec;
}

function chart(data: Landscape, theme: Theme, { isNarrow = false, withLegend = false }): object {
  return {
    config: vegaConfig(theme),
    layer: [regions(data, theme, withLegend), borders(data, theme), diagonal(theme), ...names(data, theme, isNarrow), points(data, theme, isNarrow)],
    resolve: { scale: { size: "independent", fill: "independent" } },
  };
}

function axes(data: Landscape): object {
  const ends = { importance: [data.window.left, HIGHEST], satisfaction: [data.window.bottom, HIGHEST] };
  const ticks = { tickMinStep: 1, format: "d", labelFlush: false };
  const above = { titleAngle: 0, titleAlign: "left", titleAnchor: "end", titleX: -34, titleY: -20, titleBaseline: "bottom" };
  return {
    x: axis("importance", ends.importance, { ...ticks, title: "Importance (0 to 10)", titlePadding: 10 }),
    y: axis("satisfaction", ends.satisfaction, { ...ticks, title: "Satisfaction (0 to 10)", ...above }),
  };
}

function axis(field: string, domain: readonly number[], options: object): object {
  return { field, type: "quantitative", scale: { domain, nice: false, zero: false }, axis: options };
}

function corners(data: Landscape, which: "corners" | "border"): object[] {
  return data.regions.flatMap((region, place) =>
    region[which].map(([importance, satisfaction], order) => ({ place, tier: region.tier, importance, satisfaction, order })),
  );
}

function regions(data: Landscape, theme: Theme, withLegend: boolean): object {
  const domain = data.regions.map((region) => region.tier);
  const range = data.regions.map((region) => colour(theme, region.kind));
  const symbol = { symbolType: "circle", symbolSize: 120, symbolOpacity: 1, symbolStrokeWidth: 0 };
  const legend = { title: `Opportunity by the scheme ${data.scheme}`, orient: "bottom", titleLimit: 0, ...symbol };
  return {
    data: { values: corners(data, "corners") },
    mark: { type: "line", filled: true, interpolate: "linear-closed", clip: true, opacity: 0.1, strokeWidth: 0 },
    encoding: {
      ...axes(data),
      order: { field: "order", type: "quantitative" },
      fill: { field: "tier", type: "nominal", scale: { domain, range }, legend: withLegend ? legend : null },
    },
  };
}

function borders(data: Landscape, theme: Theme): object {
  const last = data.regions.length - 1;
  const values = corners(data, "border").filter((corner) => (corner as { place: number }).place < last);
  return {
    data: { values },
    mark: { type: "line", clip: true, color: theme.soft, strokeWidth: 1.2 },
    encoding: { ...axes(data), order: { field: "order", type: "quantitative" }, detail: { field: "tier", type: "nominal" } },
  };
}

function diagonal(theme: Theme): object {
  const values = [0, HIGHEST].map((score) => ({ importance: score, satisfaction: score }));
  return {
    data: { values },
    mark: { type: "line", clip: true, color: theme.soft, strokeWidth: 1.2, strokeDash: [4, 4] },
    encoding: { x: { field: "importance", type: "quantitative" }, y: { field: "satisfaction", type: "quantitative" } },
  };
}

/** The words of each tier where its border leaves the plot: above it, or to the right if there is room. */
function names(data: Landscape, theme: Theme, isNarrow: boolean): object[] {
  const ends = data.regions.slice(0, -1).map((region) => {
    const [importance, satisfaction] = region.border.at(-1) ?? [HIGHEST, HIGHEST];
    return { importance, satisfaction, words: region.words };
  });
  const text = { type: "text", color: theme.soft, fontSize: 12 };
  const encoding = {
    x: { field: "importance", type: "quantitative" },
    y: { field: "satisfaction", type: "quantitative" },
    text: { field: "words", type: "nominal" },
  };
  const above = { values: ends.filter((end) => end.satisfaction === HIGHEST) };
  const beside = { values: ends.filter((end) => end.satisfaction < HIGHEST) };
  const layers = [{ data: above, mark: { ...text, align: "center", dy: -10 }, encoding }];
  return isNarrow ? layers : [...layers, { data: beside, mark: { ...text, align: "left", dx: 7 }, encoding }];
}

/** The least pressing places first, so that the most pressing lie above; a dark ring where the rank is firm. */
function points(data: Landscape, theme: Theme, isNarrow: boolean): object {
  const { places } = data;
  const values = places.importance.map((importance, at) => {
    const tint = colour(theme, data.regions[places.tier[at] ?? -1]?.kind ?? data.regions.length);
    return {
      importance,
      satisfaction: places.satisfaction[at],
      relevance: places.relevance[at] || 0,
      fill: places.evidenced[at] ? tint : theme.paper,
      stroke: places.best_rank[at] === places.worst_rank[at] ? theme.ink : tint,
    };
  });
  const range = (SIZES.find(([most]) => values.length <= most)?.[1] ?? [5, 30]).map((size) => (isNarrow ? size / 2 : size));
  return {
    data: { values: values.reverse() },
    mark: { type: "circle", opacity: values.length > 2_000 ? 0.65 : 0.8, strokeWidth: values.length > 2_000 ? 0.5 : 1.4 },
    encoding: {
      x: { field: "importance", type: "quantitative" },
      y: { field: "satisfaction", type: "quantitative" },
      size: { field: "relevance", type: "quantitative", scale: { domain: [0, 1], range }, legend: null },
      fill: { field: "fill", type: "nominal", scale: null },
      stroke: { field: "stroke", type: "nominal", scale: null },
    },
  };
}

function colour(theme: Theme, kind: number): string {
  return theme.kinds[kind - 1] ?? theme.soft;
}
