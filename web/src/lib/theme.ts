/** The colours of charts: those of the style sheet, light or dark as the system is. */

export interface Theme {
  readonly ink: string;
  readonly soft: string;
  readonly line: string;
  readonly paper: string;
  readonly tint: string;
  readonly accent: string;
  readonly warn: string;
  /** Eight colours for kinds, which people with any colour vision can tell apart. */
  readonly kinds: readonly string[];
  /** Seven colours from little to much. */
  readonly ramp: readonly string[];
  readonly font: string;
}

/** The colours as they are now. */
export function readTheme(): Theme {
  const style = getComputedStyle(document.documentElement);
  const value = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: value("ink"),
    soft: value("soft"),
    line: value("line"),
    paper: value("paper"),
    tint: value("tint"),
    accent: value("accent"),
    warn: value("warn"),
    kinds: [1, 2, 3, 4, 5, 6, 7, 8].map((n) => value(`c${n}`)),
    ramp: [0, 1, 2, 3, 4, 5, 6].map((n) => value(`ramp-${n}`)),
    font: getComputedStyle(document.body).fontFamily,
  };
}

/** Calls back each time that the system changes between light and dark, or the page goes to the printer. */
export function onThemeChange(changed: (theme: Theme) => void): void {
  for (const query of ["(prefers-color-scheme: dark)", "print"]) {
    matchMedia(query).addEventListener("change", () => changed(readTheme()));
  }
}

/** The configuration of Vega charts in these colours. */
export function vegaConfig(theme: Theme): Record<string, unknown> {
  const text = { labelColor: theme.soft, titleColor: theme.ink, labelFont: theme.font, titleFont: theme.font };
  const lines = { gridColor: theme.line, domainColor: theme.line, tickColor: theme.line };
  return {
    background: "transparent",
    font: theme.font,
    view: { stroke: theme.line },
    axis: { ...text, ...lines, labelFontSize: 12, titleFontSize: 13, titleFontWeight: "normal" },
    legend: { ...text, labelFontSize: 12, titleFontSize: 13, titleFontWeight: "normal" },
    header: text,
    title: { color: theme.ink, font: theme.font },
    text: { color: theme.ink },
    range: { category: theme.kinds, ramp: theme.ramp, heatmap: theme.ramp },
  };
}
