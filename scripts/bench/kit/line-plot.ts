/** One line of a plot: a value for each position on the horizontal axis. */
export interface PlotLine {
  readonly name: string;
  readonly values: readonly number[];
}

export interface PlotPanel {
  readonly title: string;
  /** What stands below the horizontal axis, evenly spaced. */
  readonly positions: readonly string[];
  readonly positionName: string;
  readonly lines: readonly PlotLine[];
}

const panelWidth = 380;
const panelHeight = 260;
const margin = { left: 58, right: 16, top: 34, bottom: 62 };
// Told apart by people who do not see all colours, on white and on black.
const colors = [
  ['#0b62a4', '#6cb4ee'],
  ['#c2571a', '#f2a65a'],
  ['#2e7d4f', '#6fcf97'],
  ['#7b4ea3', '#c39be8'],
] as const;
const styles = colors.map(([light], index) => `.c${index}{stroke:${light};fill:${light}}`);
const darkStyles = colors.map(([, dark], index) => `.c${index}{stroke:${dark};fill:${dark}}`);

/** An SVG with the panels side by side, readable in a light and in a dark page. */
export function drawPlots(panels: readonly PlotPanel[]): string {
  const width = panelWidth * panels.length;
  const body = panels.map(
    (panel, index) => `<g transform="translate(${index * panelWidth} 0)">${drawPanel(panel)}</g>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${panelHeight}" width="${width}" height="${panelHeight}" role="img">`,
    '<style>',
    'text{font:12px system-ui,sans-serif;fill:#222}.title{font-weight:600}.grid{stroke:#ccc}.line{fill:none;stroke-width:2}',
    ...styles,
    '@media(prefers-color-scheme:dark){text{fill:#ddd}.grid{stroke:#444}',
    ...darkStyles,
    '}.line{fill:none}text{stroke:none}',
    '</style>',
    ...body,
    '</svg>',
    '',
  ].join('\n');
}

function drawPanel({ title, positions, positionName, lines }: PlotPanel): string {
  const top = niceCeiling(Math.max(...lines.flatMap(({ values }) => values.filter(Number.isFinite))));
  const plotWidth = panelWidth - margin.left - margin.right;
  const plotHeight = panelHeight - margin.top - margin.bottom;
  const x = (index: number): number =>
    margin.left + (plotWidth * (index + 0.5)) / Math.max(positions.length, 1);
  const y = (value: number): number => margin.top + plotHeight * (1 - value / top);
  const grid = [0, 0.25, 0.5, 0.75, 1].flatMap((share) => [
    `<line class="grid" x1="${margin.left}" x2="${panelWidth - margin.right}" y1="${round(y(top * share))}" y2="${round(y(top * share))}"/>`,
    `<text x="${margin.left - 6}" y="${round(y(top * share) + 4)}" text-anchor="end">${label(top * share)}</text>`,
  ]);
  const below = positions.map(
    (position, index) =>
      `<text x="${round(x(index))}" y="${panelHeight - margin.bottom + 16}" text-anchor="middle">${escapeText(position)}</text>`,
  );
  return [
    `<text class="title" x="${margin.left}" y="18">${escapeText(title)}</text>`,
    ...grid,
    ...below,
    `<text x="${margin.left + plotWidth / 2}" y="${panelHeight - margin.bottom + 33}" text-anchor="middle">${escapeText(positionName)}</text>`,
    ...lines.flatMap((line, index) => drawLine(line, index, { x, y })),
    ...drawLegend(lines),
  ].join('\n');
}

interface Scale {
  readonly x: (index: number) => number;
  readonly y: (value: number) => number;
}

function drawLine({ values }: PlotLine, index: number, { x, y }: Scale): string[] {
  const points = values
    .map((value, position) => ({ value, position }))
    .filter(({ value }) => Number.isFinite(value))
    .map(({ value, position }) => `${round(x(position))},${round(y(value))}`);
  const dots = points.map((point) => {
    const [cx, cy] = point.split(',');
    return `<circle class="c${index}" cx="${cx ?? ''}" cy="${cy ?? ''}" r="3"/>`;
  });
  return [`<polyline class="c${index} line" points="${points.join(' ')}"/>`, ...dots];
}

function drawLegend(lines: readonly PlotLine[]): string[] {
  const step = (panelWidth - margin.left) / Math.max(lines.length, 1);
  return lines.flatMap(({ name }, index) => {
    const left = margin.left + step * index;
    const baseline = panelHeight - 10;
    return [
      `<rect class="c${index}" x="${round(left)}" y="${baseline - 9}" width="10" height="10"/>`,
      `<text x="${round(left + 15)}" y="${baseline}">${escapeText(name)}</text>`,
    ];
  });
}

/** The next of 1, 2, 4, 5 or 8 times a power of ten, so that the quarters are short numbers. */
function niceCeiling(value: number): number {
  if (!Number.isFinite(value) || value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 4, 5, 8].find((factor) => factor * power >= value) ?? 10);
}

function label(value: number): string {
  return value >= 10_000 ? `${round(value / 1_000)}k` : String(round(value));
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
