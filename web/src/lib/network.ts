/** A thing between its neighbours: what links to it on one side, what it links to on the other, property by property. */
import cytoscape, { type Core, type ElementDefinition } from "cytoscape";
import { prepareCytoscape } from "./drawing";
import type { Theme } from "./theme";

export interface Neighbour {
  readonly name: string;
  readonly kind: string;
  readonly page: string | null;
}

export interface Tie {
  readonly by: string;
  readonly incoming: boolean;
  readonly total: number;
  readonly things: readonly Neighbour[];
}

export interface Network {
  readonly name: string;
  readonly ties: readonly Tie[];
}

const ROW = 26;
const NARROW = 640; // pixels; below, all stands in one column
const COLUMNS = { property: 200, thing: 330 };
const STEPS = { property: 14, thing: 34 };

/** Draws it, in two sides or in one column as the place has room; a click on a neighbour opens its page. */
export function drawNetwork(place: HTMLElement, network: Network, theme: Theme, open: (page: string) => void): Core {
  prepareCytoscape();
  const isNarrow = place.clientWidth < NARROW;
  const core = cytoscape({
    container: place,
    elements: isNarrow ? inOneColumn(network) : onTwoSides(network),
    layout: { name: "preset", fit: true, padding: 12 },
    style: styleOf(theme, isNarrow ? place.clientWidth - 80 : 240),
    maxZoom: 1.1,
    autoungrabify: true,
    autounselectify: true,
    boxSelectionEnabled: false,
    userZoomingEnabled: false,
    userPanningEnabled: false,
  });
  core.on("tap", "node[page]", (event) => open(event.target.data("page") as string));
  core.on("mouseover", "node[page]", () => (place.style.cursor = "pointer"));
  core.on("mouseout", "node[page]", () => (place.style.cursor = ""));
  return core;
}

function onTwoSides(network: Network): ElementDefinition[] {
  const incoming = network.ties.filter((tie) => tie.incoming);
  const outgoing = network.ties.filter((tie) => !tie.incoming);
  const sides = [side(incoming, -1), side(outgoing, 1)];
  return [node("here", network.name, 0, 0, "here"), ...sides.flat()];
}

function side(ties: readonly Tie[], direction: -1 | 1): ElementDefinition[] {
  const rows = ties.reduce((sum, tie) => sum + tie.things.length, 0);
  const found: ElementDefinition[] = [];
  let row = -(rows - 1) / 2;
  for (const [at, tie] of ties.entries()) {
    const id = `${direction}-${at}`;
    const middle = row + (tie.things.length - 1) / 2;
    found.push(node(id, captionOf(tie), direction * COLUMNS.property, middle * ROW, "property"));
    found.push(edge(id, "here", direction < 0, direction < 0 ? "end" : ""));
    tie.things.forEach((thing, place) => {
      found.push(...withEdge(thing, `${id}-${place}`, direction * COLUMNS.thing, row * ROW, id, direction));
      row += 1;
    });
  }
  return found;
}

function inOneColumn(network: Network): ElementDefinition[] {
  const found = [node("here", network.name, 0, 0, "here start")];
  let row = 1;
  for (const [at, tie] of network.ties.entries()) {
    const id = `t-${at}`;
    found.push(node(id, `${tie.incoming ? "← " : "→ "}${captionOf(tie)}`, STEPS.property, row * ROW, "property start"));
    row += 1;
    tie.things.forEach((thing, place) => {
      found.push(...withEdge(thing, `${id}-${place}`, STEPS.thing, row * ROW, id, tie.incoming ? -1 : 1).slice(0, 1));
      row += 1;
    });
  }
  return found.map((each) => ({ ...each, classes: (each.classes ?? "").toString().replace("left", "right") }));
}

function withEdge(thing: Neighbour, id: string, x: number, y: number, tie: string, direction: -1 | 1): ElementDefinition[] {
  const made = node(id, thing.name, x, y, `thing ${direction < 0 ? "left" : "right"}`);
  if (thing.page) made.data.page = thing.page;
  return [made, edge(id, tie, direction < 0, direction < 0 ? "" : "end")];
}

function node(id: string, caption: string, x: number, y: number, classes: string): ElementDefinition {
  return { group: "nodes", data: { id, caption }, position: { x, y }, classes };
}

/** A line between two nodes, in the direction of the statement; its last part, `end`, has an arrow. */
function edge(outer: string, inner: string, isInward: boolean, classes: string): ElementDefinition {
  const [source, target] = isInward ? [outer, inner] : [inner, outer];
  return { group: "edges", data: { id: `${source}>${target}`, source, target }, classes };
}

function captionOf(tie: Tie): string {
  return tie.total > tie.things.length ? `${tie.by} (${tie.things.length} of ${tie.total})` : tie.by;
}

function styleOf(theme: Theme, width: number): cytoscape.StylesheetJson {
  const text = { color: theme.ink, "font-family": theme.font, "font-size": 13, label: "data(caption)" };
  const cut = { "text-wrap": "ellipsis" as const, "text-max-width": `${width}px` };
  return [
    { selector: "node", style: { ...text, ...cut, "text-valign": "center", "background-color": theme.kinds[0] ?? theme.accent } },
    { selector: "node.thing", style: { width: 9, height: 9 } },
    { selector: "node.left", style: { "text-halign": "left", "text-margin-x": -5 } },
    { selector: "node.right", style: { "text-halign": "right", "text-margin-x": 5 } },
    { selector: "node[page]", style: { color: theme.accent } },
    {
      selector: "node.property",
      style: {
        shape: "round-rectangle",
        width: 150,
        height: 18,
        "background-color": theme.paper,
        color: theme.soft,
        "font-size": 12,
        "text-max-width": "150px",
        "text-halign": "center",
      },
    },
    {
      selector: "node.here",
      style: {
        shape: "round-rectangle",
        width: 176,
        height: 54,
        "background-color": theme.tint,
        "border-color": theme.accent,
        "border-width": 2,
        "text-wrap": "wrap",
        "text-max-width": "164px",
        "text-halign": "center",
        "font-weight": "bold",
        "font-size": 12,
      },
    },
    { selector: "node.start", style: { width: 9, height: 9, "text-halign": "right", "text-margin-x": 5, "text-wrap": "ellipsis", "text-max-width": `${width}px` } },
    {
      selector: "edge",
      style: {
        width: 1.3,
        "line-color": theme.line,
        "curve-style": "bezier",
      },
    },
    {
      selector: "edge.end",
      style: { "target-arrow-shape": "triangle", "target-arrow-color": theme.soft, "arrow-scale": 0.7 },
    },
  ];
}
