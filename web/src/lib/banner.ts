/** One line over the page that says what became of it; it covers nothing and moves nothing while the page loads. */
import { element } from "./dom";

const shownNow = new Map<string, HTMLElement>();

/** Shows a sentence with a link that says what to do; the same sentence is shown once. */
export function showBanner(sentence: string, action: string, href: string): void {
  if (shownNow.has(sentence)) return;
  const banner = element("div", { class: "banner", role: "alert" }, sentence, " ", element("a", { href }, action));
  shownNow.set(sentence, banner);
  document.body.append(banner);
}
