/** Draws Vega-Lite specifications where no code may be made from text: expressions are interpreted. */
import { type Spec, View, Warn, parse } from "vega";
import { expressionInterpreter } from "vega-interpreter";
import { type TopLevelSpec, compile } from "vega-lite";

/** A chart, drawn on a canvas in a place; without a place it is drawn for files only. */
export async function drawChart(spec: TopLevelSpec, place?: HTMLElement): Promise<View> {
  const compiled: Spec = compile(spec).spec;
  const runtime = parse(compiled, undefined, { ast: true });
  const where = place ? { container: place, renderer: "canvas" as const } : { renderer: "none" as const };
  const view = new View(runtime, { expr: expressionInterpreter, logLevel: Warn, hover: false, ...where });
  return view.runAsync();
}
