import type { Row } from './receiver-report.ts';

const WIDTH = 900;
const LABEL_WIDTH = 330;
const VALUE_WIDTH = 90;
const BAR_HEIGHT = 16;
const ROW_HEIGHT = 22;
const TITLE_HEIGHT = 40;
const COLOURS: Readonly<Record<string, string>> = { Flask: '#9a6b4f', Go: '#5b8c9c', ours: '#3f6fb5' };

/** Events a second of each contestant as bars, logarithmic, one below the other: an SVG that stands by itself. What did nothing has no bar. */
export function renderPlot(rows: readonly Row[]): string {
  const [least, most] = [1, Math.max(10, ...rows.map(({ eventsPerSecond }) => eventsPerSecond))].map(Math.log10) as [number, number];
  const room = WIDTH - LABEL_WIDTH - VALUE_WIDTH;
  const bars = rows.map(({ batch, size, contestant, eventsPerSecond }, index) => {
    const y = TITLE_HEIGHT + index * ROW_HEIGHT;
    const width = eventsPerSecond < 1 ? 0 : ((Math.log10(eventsPerSecond) - least) / (most - least)) * room;
    const colour = COLOURS[contestant.split(/[ ,]/)[0] ?? ''] ?? '#666666';
    const middle = y + BAR_HEIGHT - 4;
    return [
      `<text x="${LABEL_WIDTH - 8}" y="${middle}" text-anchor="end">${batch} × ${size}, ${contestant}</text>`,
      `<rect x="${LABEL_WIDTH}" y="${y}" width="${width.toFixed(1)}" height="${BAR_HEIGHT}" fill="${colour}"/>`,
      `<text x="${(LABEL_WIDTH + width + 6).toFixed(1)}" y="${middle}">${Math.round(eventsPerSecond).toLocaleString('en')}</text>`,
    ].join('\n');
  });
  const height = TITLE_HEIGHT + rows.length * ROW_HEIGHT + 10;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">
<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>
<text x="10" y="24" font-size="15">Events a second, batch × size of an event, logarithmic</text>
${bars.join('\n')}
</svg>
`;
}
