/** Bars of the numbers of an answer, row by row. */
import type { TopLevelSpec } from "vega-lite";
import { drawChart } from "./charts";
import { type Theme, vegaConfig } from "./theme";

/** The label and the numbers of each row, and what they are called. */
export interface Bars {
  readonly label: string;
  readonly numbers: readonly { readonly name: string; readonly unit: string }[];
  readonly rows: readonly (readonly [string, ...(number | null)[]])[];
  readonly shown: number;
  readonly total: number;
}

const ROW = 24; // pixels
const PLACES = 4; // digits before a label, which keep rows of one name apart and in order

/** Draws one of the numbers. */
export async function drawBars(place: HTMLElement, bars: Bars, chosen: number, theme: Theme): Promise<void> {
  const measured = bars.numbers[chosen];
  if (!measured) return;
  const values = bars.rows.map((row, at) => ({
    row: `${String(at).padStart(PLACES, "0")}${row[0]}`,
    label: row[0],
    value: row[chosen + 1] ?? null,
  }));
  const title = measured.unit ? `${measured.name} (${measured.unit})` : measured.name;
  const spec: TopLevelSpec = {
    description: `Bars of ${measured.name} by ${bars.label}; the table says the same`,
    width: Math.max(160, place.clientWidth - 20),
    height: ROW * values.length,
    autosize: { type: "fit-x", contains: "padding" },
    config: vegaConfig(theme),
    data: { values },
    mark: { type: "bar", color: theme.kinds[0] ?? theme.accent, height: { band: 0.7 } },
    encoding: {
      y: {
        field: "row",
        type: "ordinal",
        sort: null,
        title: null,
        axis: { labelExpr: `slice(datum.value, ${PLACES})`, labelLimit: Math.min(320, place.clientWidth * 0.4), ticks: false },
      },
      x: { field: "value", type: "quantitative", title, axis: { orient: "top", tickCount: 5 } },
      tooltip: [
        { field: "label", type: "nominal", title: bars.label },
        { field: "value", type: "quantitative", title },
      ],
    },
  };
  await drawChart(spec, place);
}
