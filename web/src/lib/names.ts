/** Things by their names, as the search of the server finds them. */
import { getJson } from "./api";

export interface Found {
  readonly iri: string;
  /** The name, code or short name that fits. */
  readonly name: string;
  readonly label: string;
  readonly code: string | null;
  readonly class: string | null;
  readonly kind: string | null;
  readonly page: string | null;
}

interface Answer {
  readonly found: number;
  readonly more: boolean;
  readonly results: readonly Found[];
}

/** The things that a text finds, the closest first; of one class where its local name is given. */
export async function findNames(text: string, signal: AbortSignal, local = ""): Promise<readonly Found[]> {
  const answer = await getJson<Answer>("/search", { q: text, class: local }, signal);
  return answer.results;
}

/** What tells a thing from others of its name. */
export function hintOf(found: Found): string {
  const key = found.code ?? found.iri.split("/").at(-1)?.slice(0, 8) ?? "";
  const other = found.name !== found.label && found.name !== found.code ? found.name : null;
  return [found.kind, key, other].filter((word) => word !== null && word !== "").join(", ");
}
