/** The map of jobs as the server gives it, and how it is drawn: jobs in levels, functions in a circle. */
import cytoscape, { type Core, type EdgeCollection, type ElementDefinition, type NodeCollection, type NodeSingular } from "cytoscape";
import dagre from "cytoscape-dagre";
import { type Fields, getAll, type Thing } from "./api";
import { prepareCytoscape } from "./drawing";
import type { Theme } from "./theme";

/** What stands on the map: a job, a function as a whole, or the jobs of a function that do not stand alone. */
export interface Mark {
  readonly id: string;
  readonly kind: "job" | "function" | "rest";
  readonly node: string;
  readonly name: string | null;
  readonly function: string | null;
  readonly department: string | null;
  readonly level: number;
  readonly jobs: number;
  readonly opportunity: number | null;
  readonly cycle: number | null;
  readonly in_cycles: number;
  readonly on_chain: number;
  readonly held_up: number;
  readonly waits_for: number;
  readonly is_waited_for_by: number;
  readonly steps_before: number | null;
  readonly steps_after: number | null;
}

/** The dependencies between two marks. */
export interface Tie {
  readonly first: string;
  readonly next: string;
  readonly first_id: string;
  readonly next_id: string;
  readonly type: string | null;
  readonly strength: string | null;
  readonly dependencies: number;
  readonly on_chain: number;
  readonly to_cut: number;
  readonly in_cycles: number;
  readonly crosses_function: number;
  readonly crosses_department: number;
  readonly evidence: readonly Thing[];
}

export interface JobMap {
  readonly marks: readonly Mark[];
  readonly ties: readonly Tie[];
  readonly notes: readonly string[];
}

/** How a map lies: levels from left to right, levels from top to bottom, or a circle. */
export type Shape = "across" | "down" | "circle";

const JOB = { width: 146, height: 50 };
const FUNCTION = { width: 146, height: 58 };
const SPACE = { across: 44, down: 40, beside: 12 }; // from level to level, and from box to box
const MANY = 40; // lines from which on their numbers would cover each other
const LEAST_ZOOM = 0.36; // at which a map opens: below it nothing can be read

/** The map that the server makes of some choices. */
export async function loadMap(fields: Fields): Promise<JobMap> {
  // One after the other: for two at once the server would start a second worker, which has read nothing yet.
  const marks = await getAll<Mark>("/analysis/map", fields);
  const ties = await getAll<Tie>("/analysis/map-links", fields);
  return { marks: marks.rows, ties: ties.rows, notes: marks.notes ?? [] };
}

/** What a mark is called: the name, short enough for its box; the code where another one has the same name. */
export function captionOf(mark: Mark, isShared: boolean): string {
  const lines = wrapped(mark.name ?? mark.node, 19, mark.kind === "job" ? 3 : 2);
  if (isShared) lines.splice(1, lines.length, mark.node);
  if (mark.kind === "function") lines.push(`${mark.jobs.toLocaleString("en-US")} ${mark.jobs === 1 ? "job" : "jobs"}`);
  return lines.join("\n");
}

/** The empty map; it is drawn into a place of the page. */
export function startMap(place: HTMLElement, theme: Theme): Core {
  prepareCytoscape();
  cytoscape.use(dagre);
  const core = cytoscape({
    container: place,
    style: styleOf(theme),
    minZoom: 0.08,
    maxZoom: 2.5,
    boxSelectionEnabled: false,
    userZoomingEnabled: false, // by wheel, until the map is what a person is at; else the page could not be scrolled
    textureOnViewport: true, // while it moves, a picture of it moves: no text is drawn anew
  });
  place.addEventListener("focusin", () => core.userZoomingEnabled(true));
  place.addEventListener("focusout", () => core.userZoomingEnabled(false));
  return core;
}

/** Draws a map in place of the one before, and says how it lies. */
export function drawMap(core: Core, found: JobMap): Shape {
  const names = found.marks.map((mark) => mark.name ?? mark.node);
  const shared = new Set(names.filter((name, at) => names.indexOf(name) !== at));
  core.batch(() => {
    core.elements().remove();
    core.add(found.marks.map((mark) => toNode(mark, shared.has(mark.name ?? mark.node))));
    const wholes = new Set(found.marks.filter((mark) => mark.kind === "function").map((mark) => mark.id));
    const areWhole = (tie: Tie): boolean => wholes.has(tie.first_id) && wholes.has(tie.next_id);
    core.add(found.ties.map((tie) => toEdge(tie, areWhole(tie), found.ties.length > MANY)));
  });
  const shape = found.marks.every((mark) => mark.kind === "function") ? drawCircle(core) : drawLevels(core);
  showStart(core);
  return shape;
}

/** Shows all of the map; or, where nothing could be read then, the job that it is around, else where it begins. */
function showStart(core: Core): void {
  core.fit(undefined, 20);
  if (core.zoom() > 1) center(core, 1);
  if (core.zoom() >= LEAST_ZOOM) return;
  core.zoom(LEAST_ZOOM);
  const focus = core.nodes(".focus");
  const box = core.elements().boundingBox();
  if (focus.nonempty()) core.center(focus);
  else core.pan({ x: 20 - box.x1 * LEAST_ZOOM, y: 20 - box.y1 * LEAST_ZOOM });
}

/** Shows a size at which texts can be read, the middle of the map in the middle. */
export function center(core: Core, zoom: number): void {
  core.zoom(zoom);
  core.center();
}

/** Marks what comes before and after a node, and lets the rest step back. */
export function markWays(core: Core, chosen: NodeSingular | null): void {
  core.batch(() => {
    core.elements().removeClass("chosen before after faded");
    if (!chosen) return;
    const before = chosen.predecessors();
    const after = chosen.successors();
    core.elements().not(before).not(after).not(chosen).not(".level").addClass("faded");
    before.not(chosen).addClass("before");
    after.not(chosen).addClass("after");
    chosen.addClass("chosen");
  });
}

function toNode(mark: Mark, isShared: boolean): ElementDefinition {
  const classes = [
    mark.kind,
    mark.in_cycles ? "cycle" : "",
    mark.on_chain ? "chain" : "",
    mark.steps_before === 0 ? "focus" : "",
  ];
  return { group: "nodes", data: { id: mark.id, mark, caption: captionOf(mark, isShared) }, classes };
}

/** A line; between two whole functions it says no more that it crosses, and among many of them nothing until chosen. */
function toEdge(tie: Tie, areWhole: boolean, amongMany: boolean): ElementDefinition {
  const isMany = tie.dependencies > 1;
  const width = isMany ? 1.2 + Math.log2(tie.dependencies) * 0.8 : 1.6;
  const classes = [
    !areWhole && (tie.crosses_function || tie.crosses_department) ? "crosses" : "",
    tie.on_chain ? "chain" : "",
    tie.in_cycles ? "cycle" : "",
    tie.to_cut ? "cut" : "",
  ];
  const count = isMany ? String(tie.dependencies) : "";
  const words = tie.to_cut ? ["cut", count].filter(Boolean).join(" ") : count;
  const caption = amongMany && !tie.to_cut ? "" : words;
  const ends = { source: tie.first_id, target: tie.next_id };
  const data = { id: `${tie.first_id} > ${tie.next_id}`, ...ends, tie, width, caption, words };
  return { group: "edges", data, classes };
}

function drawCircle(core: Core): Shape {
  const nodes = core.nodes();
  const radius = Math.max(130, nodes.length * 26);
  nodes.positions((_node, place) => {
    const angle = (2 * Math.PI * place) / nodes.length - Math.PI / 2;
    return { x: 1.5 * radius * Math.cos(angle), y: radius * Math.sin(angle) };
  });
  return "circle";
}

/** Levels side by side: dagre is told how many levels each line spans, so that it finds the same ones. */
function drawLevels(core: Core): Shape {
  const levels = [...new Set(core.nodes().map((node) => levelOf(node)))].sort((a, b) => a - b);
  const rank = (node: NodeSingular): number => levels.indexOf(levelOf(node));
  const forward = core.edges().filter((edge) => rank(edge.source()) < rank(edge.target()));
  const nodes = core.nodes();
  const anchors = anchorsOf(nodes, forward, rank);
  const added = core.add([{ group: "nodes", data: { id: "anchor", caption: "", width: 1 }, classes: "anchor" }, ...anchors]);
  const span = (edge: { id(): string }): number => {
    const found = core.getElementById(edge.id());
    const start = found.source().hasClass("anchor") ? -1 : rank(found.source());
    return rank(found.target()) - start;
  };
  const shape = shapeOf(core, levels);
  const isAcross = shape === "across";
  const spaces = { nodeSep: SPACE.beside, edgeSep: 6, rankSep: isAcross ? SPACE.across : SPACE.down };
  const options = { name: "dagre", rankDir: isAcross ? "LR" : "TB", ...spaces, fit: false, minLen: span };
  nodes.union(forward).union(added).layout(options as cytoscape.LayoutOptions).run();
  added.remove();
  stretch(core, isAcross ? "x" : "y");
  addHeadings(core, levels, shape);
  return shape;
}

/** Moves levels apart as far as the place has room for, so that lines are easier to tell from each other. */
function stretch(core: Core, axis: "x" | "y"): void {
  const { w, h } = core.nodes().boundingBox({ includeLabels: false });
  const room = (w * core.height()) / (h * core.width());
  const factor = Math.min(1.6, Math.max(1, axis === "y" ? room : 1 / room));
  core.nodes().positions((node) => ({ ...node.position(), [axis]: node.position(axis) * factor }));
}

/** The shape in which the map can be shown larger. */
function shapeOf(core: Core, levels: readonly number[]): "across" | "down" {
  const counts = levels.map((level) => core.nodes().filter((node) => levelOf(node) === level).length);
  const most = Math.max(...counts);
  const zoom = (width: number, height: number): number => Math.min(core.width() / width, core.height() / height);
  const across = zoom(levels.length * (JOB.width + SPACE.across), most * (JOB.height + SPACE.beside));
  const down = zoom(most * (JOB.width + SPACE.beside), levels.length * (JOB.height + SPACE.down));
  return across >= down ? "across" : "down";
}

function levelOf(node: NodeSingular): number {
  return Math.round((node.data("mark") as Mark | undefined)?.level ?? 0);
}

/** A line from the anchor to the first node of each part of the map, or its levels would begin where others do not. */
function anchorsOf(nodes: NodeCollection, forward: EdgeCollection, rank: (node: NodeSingular) => number): ElementDefinition[] {
  const plain = { source: "anchor", width: 1, caption: "" };
  return nodes
    .union(forward)
    .components()
    .map((part) => part.nodes().toArray().sort((a, b) => rank(a) - rank(b))[0]?.id() ?? "")
    .map((target) => ({ group: "edges", data: { ...plain, id: `anchor > ${target}`, target }, classes: "anchor" }));
}

function addHeadings(core: Core, levels: readonly number[], shape: Shape): void {
  const marks = core.nodes();
  const box = marks.boundingBox({ includeLabels: false });
  core.add(
    levels.map((level) => {
      const first = marks.filter((node) => levelOf(node) === level)[0] as NodeSingular;
      const data = { id: `level ${level}`, caption: `Level ${level}` };
      const { x, y } = first.position();
      const position = shape === "across" ? { x, y: box.y1 - 26 } : { x: box.x1 - 40, y };
      return { group: "nodes", data, classes: "level", position, grabbable: false, selectable: false };
    }),
  );
}

/** How the map looks in the colours of the page. */
export function styleOf(theme: Theme): cytoscape.StylesheetJson {
  const [blue, , green, purple] = theme.kinds as readonly [string, string, string, string];
  const text = { color: theme.ink, "font-family": theme.font, "font-size": 13, label: "data(caption)" };
  return [
    {
      selector: "node",
      style: {
        ...text,
        shape: "round-rectangle",
        ...JOB,
        "background-color": theme.paper,
        "border-color": theme.soft,
        "border-width": 1,
        "text-wrap": "wrap",
        "text-valign": "center",
        "text-halign": "center",
        "min-zoomed-font-size": 4,
      },
    },
    { selector: "node.function", style: { ...FUNCTION, "background-color": theme.tint, "font-weight": "bold" } },
    { selector: "node.rest", style: { "border-style": "dashed", color: theme.soft } },
    { selector: "node.level", style: { width: 56, height: 18, "background-opacity": 0, "border-width": 0, color: theme.soft, events: "no" } },
    { selector: "node.anchor", style: { width: 1, height: 1, visibility: "hidden" } },
    { selector: "node.chain", style: { "border-color": blue, "border-width": 3 } },
    { selector: "node.cycle", style: { "border-color": theme.warn, "border-width": 3, "border-style": "double" } },
    { selector: "node.before", style: { "background-color": mixed(theme.paper, green) } },
    { selector: "node.after", style: { "background-color": mixed(theme.paper, purple) } },
    { selector: "node.focus", style: { "font-weight": "bold", "border-width": 3 } },
    { selector: "node.chosen", style: { "background-color": theme.accent, color: theme.paper, "font-weight": "bold" } },
    {
      selector: "edge",
      style: {
        width: "data(width)",
        "line-color": theme.soft,
        "target-arrow-color": theme.soft,
        "target-arrow-shape": "triangle",
        "curve-style": "bezier",
        label: "data(caption)",
        color: theme.ink,
        "font-family": theme.font,
        "font-size": 11,
        "text-background-color": theme.paper,
        "text-background-opacity": 0.85,
        "text-background-padding": "1px",
        "min-zoomed-font-size": 6,
        opacity: 0.75,
      },
    },
    { selector: "edge.anchor", style: { visibility: "hidden" } },
    { selector: "edge.before, edge.after", style: { label: "data(words)", opacity: 1 } },
    { selector: "edge.crosses", style: { "line-style": "dotted" } },
    { selector: "edge.chain", style: coloured(blue, 4) },
    { selector: "edge.cycle", style: coloured(theme.warn, 2.5) },
    { selector: "edge.cut", style: { ...coloured(theme.warn, 3.5), "line-style": "dashed", color: theme.warn } },
    { selector: ".faded", style: { opacity: 0.25 } },
  ];
}

function coloured(colour: string, width: number): cytoscape.Css.Edge {
  return { "line-color": colour, "target-arrow-color": colour, width, opacity: 1 };
}

/** A little of a colour on the paper; the text on it stays as easy to read. */
function mixed(paper: string, colour: string): string {
  const parts = [paper, colour].map((text) => text.match(/\w\w/g)?.map((digits) => parseInt(digits, 16)) ?? []);
  const [under, over] = parts.map((part) => (part.length === 3 ? part : [127, 127, 127])) as [number[], number[]];
  return `rgb(${under.map((value, at) => Math.round(value * 0.76 + (over[at] ?? 0) * 0.24)).join(",")})`;
}

/** At most so many lines of so many letters; what is longer ends in dots. */
function wrapped(text: string, letters: number, most: number): string[] {
  const lines = [""];
  for (const word of text.replace(/\s+/g, " ").trim().split(" ")) {
    const last = lines.at(-1) ?? "";
    if (last && last.length + word.length + 1 > letters) lines.push(word);
    else lines[lines.length - 1] = last ? `${last} ${word}` : word;
  }
  const kept = lines.slice(0, most).map((line) => shortened(line, letters + 1));
  if (lines.length > most) kept[most - 1] = shortened(`${kept[most - 1]} ${lines[most]}…`, letters);
  return kept;
}

function shortened(text: string, letters: number): string {
  const signs = [...text];
  return signs.length > letters ? `${signs.slice(0, letters - 1).join("")}…` : text;
}
