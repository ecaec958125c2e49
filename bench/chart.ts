/** One bar of the chart. */
export interface Bar {
  readonly name: string;
  readonly value: number;
  readonly label: string;
}

export interface BarGroup {
  readonly title: string;
  readonly bars: readonly Bar[];
}

const WIDTH = 760;
const NAMES = 210;
const LABELS = 90;
const ROW = 26;
const TITLE = 40;

const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #24292f }
  .title { font-weight: 600 }
  rect { fill: #8c959f } rect.own { fill: #0969da }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } rect { fill: #6e7681 } rect.own { fill: #58a6ff }
  }`;

/**
 * Draws groups of horizontal bars as an SVG that is legible on light and dark pages; the first bar of a group is this
 * program.
 */
export function barChart(groups: readonly BarGroup[]): string {
  let y = 0;
  const parts: string[] = [];
  for (const { title, bars } of groups) {
    parts.push(`<text class="title" x="0" y="${y + 24}">${escape(title)}</text>`);
    y += TITLE;
    const most = Math.max(...bars.map(({ value }) => value));
    for (const [at, { name, value, label }] of bars.entries()) {
      const width = Math.max(1, (WIDTH - NAMES - LABELS) * value / most).toFixed(1);
      parts.push(
        `<text x="${NAMES - 10}" y="${y + 15}" text-anchor="end">${escape(name)}</text>`,
        `<rect${
          at === 0 ? ' class="own"' : ""
        } x="${NAMES}" y="${y}" width="${width}" height="20" rx="2"/>`,
        `<text x="${NAMES + Number(width) + 8}" y="${y + 15}">${escape(label)}</text>`,
      );
      y += ROW;
    }
    y += ROW / 2;
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" role="img" aria-label="Results of the benchmark">`,
    `<style>${STYLE}\n</style>`,
    ...parts,
    "</svg>\n",
  ].join("\n");
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
