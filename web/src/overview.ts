/** The overview: counts what changed between large generations, which the page does not wait for. */
import { getJson, showProblem } from "./lib/api";
import { shown } from "./lib/dom";

interface Changes {
  readonly since: string | null;
  readonly added: number;
  readonly deleted: number;
}

const place = document.getElementById("triples");
if (place?.querySelector("a")) void count(place);

async function count(where: HTMLElement): Promise<void> {
  try {
    const { added, deleted } = await getJson<Changes>("/changes");
    where.textContent = `${shown(added)} statements were added and ${shown(deleted)} removed.`;
  } catch (error) {
    showProblem(where, error);
  }
}
