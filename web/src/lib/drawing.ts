/** What drawing libraries need to know of a page that lets no style sheet but its own in. */

/** Keeps cytoscape from adding a style element, which the page forbids; style.css has the same rule. */
export function prepareCytoscape(): void {
  const id = "__________cytoscape_stylesheet";
  if (document.getElementById(id)) return;
  const stand = document.createElement("template");
  stand.id = id;
  document.head.append(stand);
}
