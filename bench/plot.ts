/** Plots as SVG: how something grows, on logarithmic axes. */

export interface Series {
  readonly title: string
  /** Of the vertical axis. */
  readonly unit: string
  /** By the horizontal axis, from left to right. */
  readonly points: ReadonlyArray<readonly [x: number, y: number]>
}

const panel = { width: 400, height: 300, left: 64, right: 16, top: 36, bottom: 48 }

/** The powers of ten, or of two where there are few of those, around some values. */
const ticks = (values: ReadonlyArray<number>, base: 2 | 10): ReadonlyArray<number> => {
  const log = (value: number) => Math.log(value) / Math.log(base)
  const from = Math.floor(log(Math.min(...values)) + 1e-9)
  const to = Math.max(Math.ceil(log(Math.max(...values)) - 1e-9), from + 1)
  return Array.from({ length: to - from + 1 }, (_, i) => base ** (from + i))
}

const text = (x: number, y: number, content: string, anchor: "start" | "middle" | "end", more = "") =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}"${more}>${content}</text>`

const line = (x1: number, y1: number, x2: number, y2: number) =>
  `<line x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}"/>`

/** A number as a label: 1000 is 1k, and a small one keeps its digits. */
const label = (value: number): string =>
  value >= 1e6 ? `${value / 1e6}M` : value >= 1e4 ? `${value / 1e3}k` : String(Number(value.toPrecision(3)))

const drawn = ({ points, title, unit }: Series, xLabel: string, at: number): string => {
  const area = {
    left: at + panel.left,
    right: at + panel.width - panel.right,
    top: panel.top,
    bottom: panel.height - panel.bottom
  }
  const xs = points.map(([x]) => x)
  const ys = points.map(([, y]) => y)
  const base = Math.max(...ys) / Math.min(...ys) < 20 ? 2 : 10
  const xTicks = ticks(xs, Math.max(...xs) <= 64 ? 2 : 10)
  const yTicks = ticks(ys, base)
  const scale = (all: ReadonlyArray<number>, from: number, to: number) => {
    const low = Math.log(all[0] ?? 1)
    const high = Math.log(all.at(-1) ?? 10)
    return (value: number) => from + ((Math.log(value) - low) / (high - low)) * (to - from)
  }
  const x = scale(xTicks, area.left, area.right)
  const y = scale(yTicks, area.bottom, area.top)
  const spots = points.map(([px, py]) => [x(px), y(py)] as const)
  return [
    text((area.left + area.right) / 2, 20, title, "middle", " font-weight=\"bold\""),
    `<g stroke="#ccc">`,
    ...xTicks.map((tick) => line(x(tick), area.top, x(tick), area.bottom)),
    ...yTicks.map((tick) => line(area.left, y(tick), area.right, y(tick))),
    "</g>",
    ...xTicks.map((tick) => text(x(tick), area.bottom + 16, label(tick), "middle")),
    ...yTicks.map((tick) => text(area.left - 6, y(tick) + 4, label(tick), "end")),
    text((area.left + area.right) / 2, panel.height - 10, xLabel, "middle"),
    text(
      0,
      0,
      unit,
      "middle",
      ` transform="translate(${at + 14} ${(area.top + area.bottom) / 2}) rotate(-90)"`
    ),
    `<polyline fill="none" stroke="#0a58ca" stroke-width="2" points="${
      spots.map(([px, py]) => `${px.toFixed(1)},${py.toFixed(1)}`).join(" ")
    }"/>`,
    ...spots.map(([px, py]) => `<circle cx="${px.toFixed(1)}" cy="${py.toFixed(1)}" r="3" fill="#0a58ca"/>`)
  ].join("\n")
}

/** Series side by side over the same axis. On white, so that a dark page shows them as well. */
export const plot = (xLabel: string, series: ReadonlyArray<Series>): string => {
  const width = panel.width * series.length
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${panel.height}" width="${width}" height="${panel.height}"`,
    `  font-family="sans-serif" font-size="12" fill="#222">`,
    `<rect width="${width}" height="${panel.height}" fill="#fff" stroke="none"/>`,
    ...series.map((one, i) => drawn(one, xLabel, i * panel.width)),
    "</svg>",
    ""
  ].join("\n")
}
