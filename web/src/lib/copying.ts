/** Buttons that copy the text of a folded part of a page. */
import { announce, element } from "./dom";

/** Adds one to each part that shows data as text. */
export function addCopyButtons(): void {
  for (const part of document.querySelectorAll("details.raw")) {
    const text = part.querySelector("pre")?.textContent;
    if (!text) continue;
    const button = element("button", { type: "button", class: "quiet" }, "Copy");
    button.addEventListener("click", () => void copy(text, button, part));
    part.querySelector(".tools")?.append(" ", button);
  }
}

async function copy(text: string, button: HTMLElement, part: Element): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
    announce("Copied.");
  } catch {
    const shown = part.querySelector("pre");
    if (shown) getSelection()?.selectAllChildren(shown);
    announce("The text is marked; copy it with the keys of your system.");
  }
}
