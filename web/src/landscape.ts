/** The opportunity landscape: the chart in place of the drawing, and all that follows from what is chosen. */
import type { View } from "vega";
import { getAll, getJson, getText, sentenceOf, showProblem, type Table, type Thing } from "./lib/api";
import { drawChart } from "./lib/charts";
import { announce, debounce, element, required, said, shown } from "./lib/dom";
import { saveCsv, savePng, saveSvg } from "./lib/download";
import { type Box, chartInFile, chartOnPage, type Landscape, readLandscape } from "./lib/landscape_chart";
import { addMarks, followPointing, type Marks, type Part, Scales } from "./lib/landscape_pointing";
import { generation } from "./lib/page";
import { formState, type State, writeState } from "./lib/state";
import { onThemeChange, readTheme } from "./lib/theme";

/** A row of the analysis `opportunities`. */
interface Outcome {
  readonly name: string | null;
  readonly outcome: string | null;
  readonly job: string | null;
  readonly evidence_source: string | null;
  readonly evidence: readonly Thing[];
}

const PLACE = "/landscape";
const ANALYSIS = "/analysis/opportunities";
const RANGES = ["importance_from", "importance_to", "satisfaction_from", "satisfaction_to"] as const;
const LETTERS = 130; // of a line in a file
const IN_HINT = "3"; // outcomes that a hint names
const HELP = "Landscape of outcomes. Arrow keys go from place to place by rank, Enter lists the outcomes of a place, Escape lists all.";

const form = required<HTMLFormElement>("form.choices");
const problem = required("#problem");
let asking = new AbortController();
let drawn = new AbortController();
let marks: Marks | null = null;

form.addEventListener("change", (event) => {
  const isRange = RANGES.some((name) => name === (event.target as HTMLInputElement).name);
  void show({ ...formState(form), page: "" }, isRange);
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  void show({ ...formState(form), page: "" }, false);
});
document.addEventListener("click", followLink);
for (const name of ["pointerover", "focusin"]) document.addEventListener(name, pointAtRow);
onThemeChange(() => void redraw());
window.addEventListener("resize", debounce(() => void redraw()));
void redraw();

/** Shows what fits the choices: the list alone, or all that the form chooses. */
async function show(state: State, listOnly: boolean): Promise<void> {
  asking.abort();
  asking = new AbortController();
  const main = required("main");
  main.setAttribute("aria-busy", "true");
  try {
    const fields = listOnly ? { ...state, part: "ranked" } : state;
    const text = await getText(PLACE, "text/html", fields, asking.signal);
    const found = new DOMParser().parseFromString(text, "text/html");
    for (const place of listOnly ? ["#ranked"] : ["#shown", "#data"]) replace(place, found);
    problem.replaceChildren();
    writeState(state);
    if (listOnly) layBrush();
    else await redraw();
    announce(document.querySelector("#ranked caption, #lead, #ranked .empty")?.textContent ?? "");
  } catch (error) {
    showProblem(problem, error);
  } finally {
    main.removeAttribute("aria-busy");
  }
}

/** Puts what another answer has in place of what stands here. */
function replace(selector: string, from: Document): void {
  required(selector).replaceWith(document.adoptNode(required(selector, from)));
}

/** Pages of the list and the way back to all are shown without loading the page again. */
function followLink(event: MouseEvent): void {
  const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("#ranked .pager a, a#all") : null;
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (link.id === "all") choose(null);
  else {
    const page = new URL(link.href).searchParams.get("page") ?? "";
    void show({ ...formState(form), page }, true).then(() => document.querySelector<HTMLElement>("#ranked .table")?.focus());
  }
}

/** Chooses a part of the chart, as if its ends were typed. */
function choose(part: Part | null): void {
  const ends = part ? [...part.importance, ...part.satisfaction].map(String) : ["", "", "", ""];
  RANGES.forEach((name, at) => (field(name).value = ends[at] ?? ""));
  void show({ ...formState(form), page: "" }, true);
}

function field(name: string): HTMLInputElement {
  return required<HTMLInputElement>(`[name=${name}]`, form);
}

function chosenPart(): Part | null {
  const [left = "", right = "", bottom = "", top = ""] = RANGES.map((name) => field(name).value);
  if (!left && !right && !bottom && !top) return null;
  const ends = (from: string, to: string): [number, number] => [Number(from || 0), Number(to || 10)];
  return { importance: ends(left, right), satisfaction: ends(bottom, top) };
}

function layBrush(): void {
  marks?.brush(chosenPart());
}

/** A row of the list shows where it is on the chart. */
function pointAtRow(event: Event): void {
  const row = event.target instanceof Element ? event.target.closest("#ranked tbody tr") : null;
  const at = row?.querySelector<HTMLElement>("[data-at]")?.dataset.at?.split(" ").map(Number);
  if (at) marks?.ring(at[0] ?? 0, at[1] ?? 0);
}

/** Draws the chart in place of what the server drew, which stays where the chart fails. */
async function redraw(): Promise<void> {
  const chart = document.querySelector<HTMLElement>("#chart");
  drawn.abort();
  drawn = new AbortController();
  marks = null;
  if (!chart) return;
  const data = readLandscape(required("#data").textContent ?? "");
  const box = boxOf(chart);
  const canvas = element("div", { class: "canvas", "aria-hidden": "true" });
  const view = await drawChart(chartOnPage(data, readTheme(), box), canvas);
  const { signal } = drawn;
  chart.replaceChildren(element("div", { class: "plot" }), canvas);
  chart.classList.add("brushable");
  for (const [name, value] of Object.entries({ tabindex: "0", role: "application", "aria-label": HELP }))
    chart.setAttribute(name, value);
  const scales = new Scales(box, data.window);
  marks = addMarks(chart, scales);
  const hint = addHint(chart, data, scales, marks);
  followPointing(chart, data, scales, marks, { at: hint, choose }, signal);
  layBrush();
  addFiles(data);
  signal.addEventListener("abort", () => view.finalize());
}

/** Where the style sheet wants the plot in the chart. */
function boxOf(chart: HTMLElement): Box {
  const plot = required(".plot", chart);
  const [left, top, width, height] = [plot.offsetLeft, plot.offsetTop, plot.clientWidth, plot.clientHeight];
  return { left, top, width, height, right: chart.clientWidth - left - width, bottom: chart.clientHeight - top - height };
}

/** A hint that says what is at a place: at once what the page knows, then the statements with their evidence. */
function addHint(chart: HTMLElement, data: Landscape, scales: Scales, over: Marks): (index: number | null) => void {
  const hint = element("div", { class: "hint", hidden: true });
  chart.append(hint);
  let named = new AbortController();
  const name = debounce((index: number) => {
    named = new AbortController();
    void nameOutcomes(hint, data, index, named.signal);
  }, 120);
  return (index) => {
    named.abort();
    hint.hidden = index === null;
    if (index === null) return over.clear();
    const [x, y] = [data.places.importance[index] ?? 0, data.places.satisfaction[index] ?? 0];
    over.ring(x, y);
    const facts = factsOf(data, index);
    hint.replaceChildren(...facts.map((text) => element("p", {}, text)));
    announce(facts.join(" "));
    const [left, top] = [scales.x(x), scales.y(y)];
    const isLeft = left > chart.clientWidth / 2;
    const isTop = top > chart.clientHeight / 2;
    Object.assign(hint.style, {
      left: isLeft ? "" : `${left + 16}px`,
      right: isLeft ? `${chart.clientWidth - left + 16}px` : "",
      top: isTop ? "" : `${top + 16}px`,
      bottom: isTop ? `${chart.clientHeight - top + 16}px` : "",
    });
    name(index);
  };
}

function factsOf(data: Landscape, index: number): string[] {
  const { places } = data;
  const tier = data.regions[places.tier[index] ?? -1]?.tier ?? "no tier";
  const [best, worst, count] = [places.best_rank[index], places.worst_rank[index], places.outcomes[index] ?? 0];
  const open = best === worst ? "firm" : `a tie: rounding leaves ${shown(best)} to ${shown(worst)} open`;
  const evidence = count === 1 ? (places.evidenced[index] ? "" : ", without evidence") : `, ${shown(places.evidenced[index])} with evidence`;
  return [
    `Opportunity ${shown(places.opportunity[index])} of 20, ${tier} by ${data.scheme}.`,
    `Importance ${shown(places.importance[index])} of 10, satisfaction ${shown(places.satisfaction[index])} of 10.`,
    `Rank ${shown(places.rank[index])}, ${open}.`,
    `${shown(count)} ${count === 1 ? "outcome" : "outcomes"}${evidence}, relevance ${shown(places.relevance[index])} of 1.`,
  ];
}

async function nameOutcomes(hint: HTMLElement, data: Landscape, index: number, signal: AbortSignal): Promise<void> {
  const [x, y] = [String(data.places.importance[index]), String(data.places.satisfaction[index])];
  const here = { importance_from: x, importance_to: x, satisfaction_from: y, satisfaction_to: y, limit: IN_HINT };
  try {
    const found = await getJson<Table<Outcome>>(ANALYSIS, { ...selected(), ...here }, signal);
    if (signal.aborted) return;
    hint.prepend(...found.rows.map(statement));
    const more = (data.places.outcomes[index] ?? 0) - found.rows.length;
    if (more > 0) hint.append(element("p", {}, `${shown(more)} more here; click or press Enter to list them.`));
  } catch (error) {
    if (!signal.aborted) hint.append(element("p", { class: "problem" }, sentenceOf(error)));
  }
}

function statement(row: Outcome): HTMLElement {
  const evidence = row.evidence_source ? said(row.evidence_source) : "none is named";
  const about = element("small", {}, said(`${row.outcome ?? ""} ${row.job ?? ""}`), "; evidence: ", evidence);
  return element("p", {}, element("b", { class: "clamped" }, said(row.name ?? row.outcome ?? "")), about);
}

/** What is chosen, without the part of the chart. */
function selected(): State {
  const { importance_from: _a, importance_to: _b, satisfaction_from: _c, satisfaction_to: _d, ...others } = formState(form);
  return others;
}

/** Buttons that keep the chart or the list as a file. */
function addFiles(data: Landscape): void {
  const files = required("#files");
  if (files.querySelector("button")) return;
  const button = (text: string, run: () => Promise<void>): HTMLElement => {
    const made = element("button", { type: "button", class: "quiet", click: () => void keep(made, run) }, text);
    return made;
  };
  files.prepend(
    button("PNG", async () => savePng("landscape", await (await inFile(data)).toCanvas(2))),
    button("SVG", async () => saveSvg("landscape", await (await inFile(data)).toSVG())),
    button("CSV", saveList),
  );
}

async function keep(button: HTMLElement, run: () => Promise<void>): Promise<void> {
  button.toggleAttribute("disabled", true);
  announce(`${button.textContent} is being made.`);
  try {
    await run();
  } catch (error) {
    showProblem(problem, error);
  } finally {
    button.toggleAttribute("disabled", false);
  }
}

async function inFile(data: Landscape): Promise<View> {
  const chosen = Object.entries(selected()).filter(([name, value]) => value && name !== "scheme");
  const choices = chosen.map(([name, value]) => `${name.replace("_", " ")}: ${value}`);
  const about = [[...choices, `generation ${generation}`].join(", "), ...linesOf(required("#legend").textContent ?? "")];
  return drawChart(chartInFile(data, readTheme(), about));
}

/** Sentences in lines that are as wide as a file. */
function linesOf(text: string): string[] {
  const lines: string[] = [];
  for (const sentence of text.split(/(?<=\.) /)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + sentence.length < LETTERS) lines[lines.length - 1] = `${last} ${sentence}`;
    else lines.push(sentence);
  }
  return lines;
}

/** The list as the REST interface gives it, all pages, with the IRI of each outcome in place of its evidence. */
async function saveList(): Promise<void> {
  const table = await getAll<Outcome & Record<string, string | number | boolean | null>>(ANALYSIS, formState(form));
  const columns = table.columns.filter((name) => name !== "evidence");
  const rows = table.rows.map((row) => [...columns.map((name) => row[name] ?? null), row.evidence[0]?.iri ?? null]);
  saveCsv("landscape", [...columns, "iri"], rows);
}
