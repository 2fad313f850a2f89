/** The page of a thing: its neighbours as a drawing, its history, and its data to copy. */
import type { Core } from "cytoscape";
import { getJson, showProblem } from "./lib/api";
import { addCopyButtons } from "./lib/copying";
import { debounce, element, said } from "./lib/dom";
import type { Network } from "./lib/network";
import { pageData, root } from "./lib/page";
import { onThemeChange, readTheme } from "./lib/theme";

interface Said {
  readonly name: string;
  readonly text: string;
}

interface Part {
  readonly count: number;
  readonly first: readonly Said[];
}

interface Step {
  readonly generation: string;
  readonly created: string;
  readonly isCurrent: boolean;
  readonly before: string | null;
  readonly sentence: string;
  readonly came: Part;
  readonly went: Part;
}

interface History {
  readonly next: string | null;
  readonly steps: readonly Step[];
}

addCopyButtons();
showHistory();
void showNetwork();

async function showNetwork(): Promise<void> {
  const place = document.getElementById("network");
  const network = pageData<Network | null>();
  if (!place || !network) return;
  const { drawNetwork } = await import("./lib/network");
  let core: Core | undefined;
  const draw = (): void => {
    core?.destroy();
    core = drawNetwork(place, network, readTheme(), (page) => location.assign(page.startsWith("/") ? `${root}${page}` : page));
  };
  draw();
  onThemeChange(draw);
  window.addEventListener("resize", debounce(draw));
}

/** Fetches the history when it is unfolded for the first time. */
function showHistory(): void {
  const folded = document.querySelector<HTMLDetailsElement>("#changes");
  if (!folded) return;
  const place = element("div");
  folded.append(place);
  const read = async (): Promise<void> => {
    place.replaceChildren(element("p", {}, "Reading the generations …"));
    try {
      const history = await getJson<History>(folded.dataset.path ?? "", { history: "latest" });
      place.replaceChildren(...history.steps.map(toStep), olderOf(history));
    } catch (error) {
      place.replaceChildren();
      showProblem(place, error);
    }
  };
  folded.addEventListener("toggle", () => void (folded.open && place.childElementCount === 0 && read()));
}

function toStep(step: Step): HTMLElement {
  const when = step.created.replace("T", " ").replace("Z", "");
  const against = step.before ? `, against generation ${step.before}` : "";
  const current = step.isCurrent ? element("span", { class: "badge" }, "current") : null;
  return element(
    "section",
    {},
    element("h3", {}, `Generation ${step.generation} `, current),
    element("p", {}, `${when} UTC${against}: ${step.sentence}.`),
    toList("came", "+", step.came),
    toList("went", "−", step.went),
  );
}

function toList(kind: string, sign: string, part: Part): HTMLElement | null {
  if (part.count === 0) return null;
  const items = part.first.map((each) => element("li", {}, `${sign} `, said(each.name), ": ", said(each.text)));
  const more = part.count > part.first.length ? element("li", {}, `and ${part.count - part.first.length} more`) : null;
  return element("ul", { class: `changes ${kind}`, "aria-label": kind === "came" ? "Came" : "Went" }, ...items, more);
}

function olderOf(history: History): HTMLElement {
  const older = history.next ? element("a", { href: `${root}${history.next}` }, "Older generations") : null;
  return element("p", {}, older);
}
