/** The map of dependencies: what is chosen stands beside it in words, and everything on it is reached with the keyboard. */
import type { Core, NodeSingular } from "cytoscape";
import { type Fields, getJson, getText, sentenceOf, showProblem } from "./lib/api";
import { center, drawMap, type JobMap, loadMap, type Mark, markWays, type Shape, startMap, styleOf, type Tie } from "./lib/dependency_map";
import { announce, debounce, element, required, said, shown } from "./lib/dom";
import { saveCsv, savePng } from "./lib/download";
import { address, pageData, pageOf } from "./lib/page";
import { formState, readState, type State } from "./lib/state";
import { onThemeChange, readTheme } from "./lib/theme";

interface Facts {
  readonly base: string;
  readonly within: string;
  readonly unclear: readonly string[];
}

interface Found {
  readonly results: readonly { readonly name: string; readonly label: string; readonly code: string | null }[];
}

/** Where an arrow key leads: along the lines, or among those of the same level. */
type Way = "before" | "after" | "less" | "more";

const PLACE = "/dependencies";
const NAMES = ["job", "within", "depth", "by"];
const ACROSS: Readonly<Record<string, Way>> = { ArrowLeft: "before", ArrowRight: "after", ArrowUp: "less", ArrowDown: "more" };
const DOWN: Readonly<Record<string, Way>> = { ArrowUp: "before", ArrowDown: "after", ArrowLeft: "less", ArrowRight: "more" };
const READABLE = 1; // zoom
const LONG = 90; // letters of a name; more of it is cut off where it is shown

const facts = pageData<Facts>();
const place = required("#map");
const side = required("#map-side");
const message = required("#map-message");
const form = required<HTMLFormElement>("form.choices");
const core: Core = startMap(place, readTheme());

let state: State = readState(NAMES);
let also: string[] = [];
let current: JobMap = { marks: [], ties: [], notes: [] };
let shape: Shape = "across";
let asked = 0;

/** Shows what the choices name: the map from the interface, the tables below from the page of the same address. */
async function show(changed: State, how: "push" | "stay"): Promise<void> {
  state = { ...state, ...changed };
  also = [];
  if (how === "push") {
    const next = address(PLACE, shortest(state));
    if (next === `${location.pathname}${location.search}`) return; // a field tells of itself when it is left, too
    history.pushState(null, "", next);
    void showDetails();
  }
  await draw();
}

/** The choices without those that are made anyway. */
function shortest(values: State): State {
  const usual: State = { within: values["job"] ? (values["within"] ?? "") : facts.within, depth: "1", by: "count" };
  return Object.fromEntries(Object.entries(values).filter(([name, value]) => value !== usual[name]));
}

async function draw(): Promise<void> {
  const turn = ++asked;
  place.setAttribute("aria-busy", "true");
  try {
    const found = await loadMap(choices());
    if (turn !== asked) return; // another one was asked for meanwhile
    current = found;
    shape = drawMap(core, found);
    choose(core.nodes(".focus")[0] ?? null, "quiet");
    message.textContent = sentence(found);
    announce(sentence(found));
  } catch (error) {
    if (turn === asked) showProblem(message, error);
  } finally {
    if (turn === asked) place.removeAttribute("aria-busy");
  }
}

async function showDetails(): Promise<void> {
  const details = required("#details");
  try {
    const page = new DOMParser().parseFromString(await getText(PLACE, "text/html", state), "text/html");
    const problem = page.querySelector("main > .problem");
    const made = page.querySelector("#details");
    if (made) details.replaceChildren(...(problem ? [problem] : []), ...made.childNodes);
    const next = page.querySelector("form.choices");
    if (next instanceof HTMLFormElement) fill(formState(next));
  } catch (error) {
    showProblem(details, error);
  }
}

function fill(values: State): void {
  for (const field of form.querySelectorAll<HTMLInputElement | HTMLSelectElement>("input, select")) {
    field.value = values[field.name] ?? "";
  }
}

/** What the interface is asked. */
function choices(): Fields {
  const by = state["by"] || "count";
  if (state["job"]) {
    return { entity: state["job"], depth: state["depth"] || "1", by, ...(also.length ? { also: also.join(" ") } : {}) } as Fields;
  }
  const within = state["within"] || facts.within;
  return within === "functions" ? { by } : { within, by };
}

function sentence(found: JobMap): string {
  const kinds = (kind: Mark["kind"]): number => found.marks.filter((mark) => mark.kind === kind).length;
  const several = (count: number, one: string, more: string): string => `${shown(count)} ${count === 1 ? one : more}`;
  const parts = [
    [kinds("job"), "job", "jobs"],
    [kinds("function"), "function", "functions"],
    [kinds("rest"), "group of other jobs", "groups of other jobs"],
  ] as const;
  const there = parts.filter(([count]) => count).map(([count, one, more]) => several(count, one, more));
  const total = found.ties.reduce((sum, tie) => sum + tie.dependencies, 0);
  const ties = several(total, "dependency", "dependencies");
  return [`On the map: ${there.join(", ") || "nothing"}; ${ties} in between.`, ...found.notes].join(" ");
}

function markOf(node: NodeSingular): Mark {
  return node.data("mark") as Mark;
}

/** Chooses a node: what comes before and after it is marked, and it stands beside the map in words. */
function choose(node: NodeSingular | null, how: "quiet" | "aloud"): void {
  markWays(core, node);
  side.replaceChildren(...(node ? aboutNode(node) : [hint()]), listing(node));
  if (!node || how === "quiet") return;
  const box = core.extent();
  const { x, y } = node.position();
  if (x < box.x1 || x > box.x2 || y < box.y1 || y > box.y2 || core.zoom() < 0.5) {
    core.animate({ center: { eles: node }, zoom: Math.max(core.zoom(), 0.75) }, { duration: motion() });
  }
  const mark = markOf(node);
  announce(`${mark.name ?? mark.node}, level ${shown(mark.level, 1)}. ${neighboursInWords(node)}`);
}

function motion(): number {
  return matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 250;
}

function hint(): HTMLElement {
  return element("p", {}, "Choose something on the map or in the list to see what comes before and after it.");
}

function neighboursInWords(node: NodeSingular): string {
  return `On the map ${shown(node.incomers("node").length)} before it and ${shown(node.outgoers("node").length)} after it.`;
}

function aboutNode(node: NodeSingular): Node[] {
  const mark = markOf(node);
  const title = element("h3", {}, said(mark.name ?? mark.node));
  const rows = factsOf(mark).map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value)));
  const lists = (["incomers", "outgoers"] as const).map((side) => neighbourList(node, side));
  return [title, element("dl", {}, ...rows), actions(mark), ...lists];
}

function factsOf(mark: Mark): [string, Node | string][] {
  const some: [string, Node | string][] =
    mark.kind === "job"
      ? [
          ["Code", said(mark.node)],
          ["Function", said(mark.function ?? "none is known")],
          ["Department", said(mark.department ?? "none is known")],
          ["Level", shown(mark.level)],
        ]
      : [
          ["Jobs", shown(mark.jobs)],
          ["Mean level", shown(mark.level, 1)],
        ];
  const held = mark.kind === "job" ? `${shown(mark.held_up)} jobs, directly or not` : `up to ${shown(mark.held_up)} jobs each`;
  const place = [
    mark.on_chain ? "on the longest chain" : "",
    mark.cycle ? `in cycle ${mark.cycle}` : mark.in_cycles ? `${shown(mark.in_cycles)} jobs in cycles` : "",
  ].filter(Boolean);
  return [
    ...some,
    ["Opportunity", mark.opportunity === null ? "not scored" : `${shown(mark.opportunity)} of 20`],
    ["Holds up", held],
    ...(place.length ? [["Place", place.join(", ")] as [string, string]] : []),
  ];
}

function actions(mark: Mark): HTMLElement {
  const row = element("p", { class: "tools" });
  if (mark.kind !== "job") {
    row.append(button("Open its jobs", () => void show({ job: "", within: withinOf(mark) }, "push")));
    return row;
  }
  const isFocus = mark.steps_before === 0;
  if (!isFocus) row.append(button("Show around it", () => void show({ job: keyOf(mark) }, "push")));
  if (state["job"] && !isFocus && !also.includes(mark.id)) row.append(button("Add its neighbours", () => void expand(mark)));
  if (isFocus && state["depth"] !== "all") {
    row.append(button("All that it holds up", () => void show({ job: keyOf(mark), depth: "all" }, "push")));
  }
  row.append(element("a", { href: pageOf(mark.id, facts.base) }, "Its page"));
  return row;
}

function button(text: string, click: () => void): HTMLButtonElement {
  return element("button", { type: "button", class: "quiet", click }, text);
}

/** What a job is asked for by: its code, or the end of its IRI where other jobs have the same code. */
function keyOf(mark: Mark): string {
  return facts.unclear.includes(mark.node) ? mark.id.slice(facts.base.length) : mark.node;
}

function withinOf(mark: Mark): string {
  return mark.id.replace(/#rest$/, "");
}

/** Adds what stands directly before and after a job; what was chosen stays chosen. */
async function expand(mark: Mark): Promise<void> {
  also = [...also, mark.id];
  await draw();
  choose(core.getElementById(mark.id)[0] ?? null, "aloud");
}

function neighbourList(node: NodeSingular, side: "incomers" | "outgoers"): HTMLElement {
  const isBefore = side === "incomers";
  const ties = node[side]("edge").map((edge) => edge.data("tie") as Tie);
  const items = ties.map((tie) => element("li", {}, toMark(isBefore ? tie.first_id : tie.next_id), " ", tieInWords(tie)));
  const title = isBefore ? "Waits for" : "Comes before";
  const total = shown(ties.reduce((sum, tie) => sum + tie.dependencies, 0));
  const list = items.length ? element("ul", { class: "plain" }, ...items) : element("p", {}, "Nothing on this map.");
  return element("div", {}, element("h3", {}, `${title} `, element("small", {}, `${total} on the map`)), list);
}

function tieInWords(tie: Tie): HTMLElement {
  const words = [
    tie.dependencies > 1 ? `${shown(tie.dependencies)} dependencies` : "",
    tie.type ?? "",
    tie.strength ?? "",
    tie.on_chain ? "on the longest chain" : "",
    tie.to_cut ? "to cut" : tie.in_cycles ? "in a cycle" : "",
    tie.crosses_function ? "across functions" : tie.crosses_department ? "across departments" : "",
  ].filter(Boolean);
  return element("small", {}, words.join(", "));
}

function toMark(id: string): HTMLElement {
  const node = core.getElementById(id)[0] as NodeSingular | undefined;
  if (!node) return said(id);
  const mark = markOf(node);
  const name = mark.name ?? mark.node;
  const click = (): void => choose(node, "aloud");
  const isChosen = node.hasClass("chosen");
  const kind = name.length > LONG ? "name long" : "name";
  return element("button", { type: "button", class: kind, title: name, click, "aria-pressed": String(isChosen) }, said(name));
}

/** Everything on the map by level, in the order of the map. */
function listing(chosen: NodeSingular | null): HTMLElement {
  const numbers = [...new Set(current.marks.map((mark) => Math.round(mark.level)))].sort((a, b) => a - b);
  const levels = numbers.map((level) => [level, current.marks.filter((mark) => Math.round(mark.level) === level)] as const);
  const groups = levels.map(([level, marks]) =>
    element(
      "li",
      {},
      element("small", {}, `${shape === "circle" ? "Mean level about" : "Level"} ${shown(level)}`),
      element("ul", { class: "plain" }, ...marks.map((mark) => element("li", {}, toMark(mark.id), " ", markInWords(mark)))),
    ),
  );
  const summary = element("summary", {}, `All on the map (${shown(current.marks.length)})`);
  return element("details", { open: chosen === null }, summary, element("ul", { class: "plain" }, ...groups));
}

function markInWords(mark: Mark): HTMLElement {
  const words = [
    mark.kind === "job" ? mark.node : mark.kind === "function" ? `${shown(mark.jobs)} ${mark.jobs === 1 ? "job" : "jobs"}` : "",
    mark.on_chain ? "longest chain" : "",
    mark.in_cycles ? "cycle" : "",
  ].filter(Boolean);
  return element("small", {}, said(words.join(", ")));
}

/** The next node on a way: along a line, or beside it on the same level; in a circle the next one around. */
function nextNode(from: NodeSingular | null, way: Way): NodeSingular | null {
  const marks = core.nodes().not(".level").toArray() as NodeSingular[];
  if (!from) return marks[0] ?? null;
  if (way === "less" || way === "more") return beside(from, marks, way === "less" ? -1 : 1);
  const near = way === "before" ? from.incomers("node") : from.outgoers("node");
  return nearest(from, near.not(from).toArray() as NodeSingular[], shape === "down" ? "x" : "y");
}

function beside(from: NodeSingular, marks: NodeSingular[], step: number): NodeSingular | null {
  if (shape === "circle") return marks.at((marks.indexOf(from) + step) % marks.length) ?? null;
  const axis = shape === "down" ? "x" : "y";
  const level = Math.round(markOf(from).level);
  const there = (node: NodeSingular): boolean => (node.position(axis) - from.position(axis)) * step > 0;
  return nearest(from, marks.filter((node) => Math.round(markOf(node).level) === level && there(node)), axis);
}

function nearest(from: NodeSingular, nodes: NodeSingular[], axis: "x" | "y"): NodeSingular | null {
  const distance = (node: NodeSingular): number => Math.abs(node.position(axis) - from.position(axis));
  return nodes.sort((a, b) => distance(a) - distance(b))[0] ?? null;
}

function open(node: NodeSingular): void {
  const mark = markOf(node);
  void show(mark.kind === "job" ? { job: keyOf(mark) } : { job: "", within: withinOf(mark) }, "push");
}

const SHORTCUTS: Readonly<Record<string, () => void>> = {
  "+": () => core.zoom({ level: core.zoom() * 1.3, renderedPosition: middle() }),
  "-": () => core.zoom({ level: core.zoom() / 1.3, renderedPosition: middle() }),
  "0": () => core.fit(undefined, 24),
  Escape: () => choose(null, "quiet"),
};

function middle(): { x: number; y: number } {
  return { x: core.width() / 2, y: core.height() / 2 };
}

place.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const chosen = (core.nodes(".chosen")[0] as NodeSingular | undefined) ?? null;
  const way = (shape === "down" ? DOWN : ACROSS)[event.key];
  if (way) {
    const next = nextNode(chosen, way);
    if (next) choose(next, "aloud");
    else announce("Nothing there.");
  } else if (event.key === "Enter" && chosen) open(chosen);
  else if (SHORTCUTS[event.key]) SHORTCUTS[event.key]?.();
  else return;
  event.preventDefault();
});

core.on("tap", "node", (event) => choose(event.target as NodeSingular, "aloud"));
core.on("dbltap", "node", (event) => open(event.target as NodeSingular));
core.on("tap", (event) => {
  place.focus({ preventScroll: true });
  if (event.target === core) choose(null, "quiet");
});
onThemeChange((theme) => core.style(styleOf(theme)));

required("#map-tools").append(
  button("Fit", () => core.fit(undefined, 24)),
  button("Readable size", () => center(core, READABLE)),
  button("Closer", () => SHORTCUTS["+"]?.()),
  button("Farther", () => SHORTCUTS["-"]?.()),
  button("Save as PNG", () => void saveImage()),
  button("Save as CSV", saveTable),
);

async function saveImage(): Promise<void> {
  const blob = await core.png({ output: "blob-promise", full: true, scale: 2, maxWidth: 8000, maxHeight: 8000, bg: readTheme().paper });
  const image = await createImageBitmap(blob);
  const canvas = element("canvas", { width: image.width, height: image.height });
  canvas.getContext("2d")?.drawImage(image, 0, 0);
  savePng("dependencies", canvas);
}

function saveTable(): void {
  const columns = [
    "first", "next", "type", "strength", "dependencies", "on_chain", "to_cut", "in_cycles", "crosses_function",
    "crosses_department", "first_id", "next_id",
  ] as const;
  saveCsv("dependencies", columns, current.ties.map((tie) => columns.map((column) => tie[column])));
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  void show(formState(form), "push");
});
form.addEventListener("change", (event) => {
  const field = event.target as HTMLInputElement | HTMLSelectElement;
  const isWhole = field.name === "within"; // a function is chosen in place of the job
  void show({ ...formState(form), ...(isWhole ? { job: "" } : {}) }, "push");
});
window.addEventListener("popstate", () => {
  state = readState(NAMES);
  void showDetails();
  void show({}, "stay");
});

/** Offers jobs while a person types. */
const suggest = debounce(async (text: string) => {
  const options = required("#jobs");
  if (text.trim().length < 2) return;
  try {
    const found = await getJson<Found>("/search", { q: text, class: "Job" });
    options.replaceChildren(...found.results.map((hit) => element("option", { value: hit.code ?? hit.name, label: hit.label })));
  } catch (error) {
    announce(sentenceOf(error));
  }
});
form.addEventListener("input", (event) => {
  const field = event.target as HTMLInputElement;
  if (field.name === "job") suggest(field.value);
});

void show({}, "stay");
